/**
 * Packages that are installed beside a function's bundle, with everything that they need, each in the version of
 * `package-lock.json`. SST installs them by a package.json of these names and no lock file: what it is not told it would
 * take in the newest version of the day.
 */

interface LockedPackage {
  version: string;
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
}

export interface PackageLock {
  /** By folder, such as `node_modules/react`. */
  packages: Record<string, LockedPackage>;
}

const EXACT = /^\d+\.\d+\.\d+(-[\w.]+)?$/;

/**
 * @param names - Packages of the lock file's root.
 * @returns Exact versions by name.
 * @throws When a package is not in the lock file, or when two versions of one are needed and only one could be pinned.
 */
export function pinnedPackages(lock: PackageLock, names: readonly string[]): Record<string, string> {
  const pinned = new Map<string, string>();
  const seen = new Set<string>();
  const visit = (folder: string, asked: string) => {
    if (seen.has(folder)) return;
    seen.add(folder);
    const { version, dependencies, optionalDependencies } = lock.packages[folder]!;
    const [, name] = /^node_modules\/((?:@[^/]+\/)?[^/]+)$/.exec(folder) ?? [];
    if (name) pinned.set(name, version);
    // A second version of a package lies within the one that asks for it. Its name is taken by the first, so that what is
    // asked for has to be exact.
    else if (!EXACT.test(asked))
      throw new Error(`Cannot pin ${folder}@${version}: it is asked for as "${asked}", beside another version of it`);
    for (const [needed, range] of Object.entries(dependencies ?? {})) visit(folderOf(lock, folder, needed), range);
    for (const [needed, range] of Object.entries(optionalDependencies ?? {})) {
      // What is for other machines may be missing.
      const found = findFolder(lock, folder, needed);
      if (found) visit(found, range);
    }
  };
  for (const name of names) visit(folderOf(lock, "", name), "");
  return Object.fromEntries([...pinned].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function folderOf(lock: PackageLock, from: string, name: string): string {
  const found = findFolder(lock, from, name);
  if (!found)
    throw new Error(`package-lock.json has no ${name}, which ${from || "the project"} needs: run npm install`);
  return found;
}

/** As Node.js looks for a package: in the folder that asks, then in those around it. */
function findFolder(lock: PackageLock, from: string, name: string): string | undefined {
  for (let around = from; ; around = around.slice(0, Math.max(0, around.lastIndexOf("/node_modules/")))) {
    const folder = `${around ? `${around}/` : ""}node_modules/${name}`;
    if (folder in lock.packages) return folder;
    if (!around) return undefined;
  }
}
