/** Crawlers and their crawls. */
import type * as api from "@aws-sdk/client-glue";
import { ServiceError } from "../../../service-error.ts";
import type { Operations } from "../../../wire/service.ts";
import type { Crawlers } from "../crawlers.ts";
import { paged } from "./page.ts";

const PAGE_SIZE = 1000;
const CRAWL_PAGE_SIZE = 20;

export function crawlerOperations(crawlers: Crawlers): Operations {
  return {
    CreateCrawler(input: api.CreateCrawlerRequest, { now }) {
      crawlers.create(input, now());
      return {};
    },
    UpdateCrawler(input: api.UpdateCrawlerRequest, { now }) {
      crawlers.update(input as Partial<api.CreateCrawlerRequest>, now());
      return {};
    },
    DeleteCrawler(input: api.DeleteCrawlerRequest) {
      crawlers.delete(input.Name);
      return {};
    },
    GetCrawler(input: api.GetCrawlerRequest, { now }): api.GetCrawlerResponse {
      return { Crawler: crawlers.describe(input.Name, now()) };
    },
    GetCrawlers(input: api.GetCrawlersRequest, { now }) {
      const page = paged(crawlers.names(), input, PAGE_SIZE);
      return { Crawlers: page.items.map((name) => crawlers.describe(name, now())), ...page.next };
    },
    ListCrawlers(input: api.ListCrawlersRequest) {
      const page = paged(crawlers.names(), input, PAGE_SIZE);
      return { CrawlerNames: page.items, ...page.next };
    },
    StartCrawler(input: api.StartCrawlerRequest, { now }) {
      crawlers.start(input.Name, now);
      return {};
    },
    StopCrawler(input: api.StopCrawlerRequest) {
      crawlers.stop(input.Name);
      return {};
    },
    ListCrawls(input: api.ListCrawlsRequest) {
      if (input.Filters?.length) {
        throw new ServiceError("InvalidInputException", "The embedded cloud lists crawls without filters.");
      }
      const page = paged(crawlers.history(input.CrawlerName), input, CRAWL_PAGE_SIZE);
      return { Crawls: page.items, ...page.next };
    },
  };
}
