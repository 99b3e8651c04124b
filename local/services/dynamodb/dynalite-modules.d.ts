/** The inner parts of dynalite that are used here; it has no types of its own. */
declare module "dynalite/db/index.js" {
  export interface TableDb {
    get(name: string, done: (error: Error | null, table: Record<string, unknown>) => void): void;
    put(name: string, table: object, done: (error: Error | null) => void): void;
  }
  export interface DynaliteStore {
    tableDb: TableDb;
    lifecycleManager: { gracefulClose(): Promise<void> };
  }
  const db: {
    create(options: {
      path: string;
      createTableMs: number;
      deleteTableMs: number;
      updateTableMs: number;
    }): DynaliteStore;
  };
  export default db;
}

declare module "dynalite/validations/index.js" {
  const validations: {
    checkTypes(input: object, types: object): object;
    checkValidations(input: object, types: object, custom: unknown, store: object): void;
  };
  export default validations;
}
