import { relative } from "node:path";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/**
 * The files of each project that take seconds, about in the order of how many. Those that mostly wait are in turn with
 * those that keep a processor busy, so that there is something to do at any time.
 */
export const SLOWEST: readonly string[] = [
  "test/adapters/http/probes/key-tests.test.ts",
  "test/adapters/http/matrix.test.ts",
  "test/adapters/http/events/events.test.ts",
  "test/adapters/http/events/many-listeners.test.ts",
  "test/adapters/http/server/connection.test.ts",
  "test/adapters/http/probes/probe-line.test.ts",
  "test/package/followed-guides.release.test.ts",
  "test/examples/monitoring.test.ts",
  "test/package/docs.test.ts",
  "test/package/open-api.test.ts",
  "test/bootstrap/pages.test.ts",
  "test/clients/python.servers.test.ts",
  "test/bootstrap/sharing.test.ts",
  "test/bootstrap/watch.test.ts",
  "test/bootstrap/canary.test.ts",
  "test/adapters/http/uploads/upload-parser.servers.test.ts",
  "test/bootstrap/start-and-stop.test.ts",
  "test/bootstrap/storage-faults.test.ts",
  "test/adapters/mikro-orm/postgres/owner-lock.test.ts",
  "test/bootstrap/predecessor.test.ts",
  "test/adapters/redis/redis-event-feed.test.ts",
  "test/bootstrap/import.test.ts",
  "test/bootstrap/redis-access.test.ts",
  "test/bootstrap/demo.test.ts",
  "test/bootstrap/cli/on-this-machine.test.ts",
  "test/bootstrap/redis-link.test.ts",
  "test/bootstrap/patience.test.ts",
  "test/adapters/mikro-orm/postgres/postgres-faults.test.ts",
  "test/bootstrap/cli/through-a-server.test.ts",
  "test/bootstrap/refused-databases.test.ts",
  "test/adapters/http/keys/list-places.servers.test.ts",
  "test/adapters/mikro-orm/postgres-storage.test.ts",
  "test/adapters/mikro-orm/copy-database.test.ts",
];

/**
 * A long file that starts last runs alone at the end. The runner knows which are long from its last run only, and in a
 * fresh clone there is none.
 */
export class SlowestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    // Files of a project stay together, for a worker serves one project.
    const projects = [...new Set(sorted.map(({ project }) => project))];
    const rank = ({ project, moduleId }: TestSpecification) => {
      const place = SLOWEST.indexOf(relative(this.ctx.config.root, moduleId));
      return [projects.indexOf(project), place === -1 ? SLOWEST.length : place] as const;
    };
    return sorted.toSorted((a, b) => {
      const [[projectOfA, placeOfA], [projectOfB, placeOfB]] = [rank(a), rank(b)];
      return projectOfA - projectOfB || placeOfA - placeOfB;
    });
  }
}
