/** A process that tries what it is told: first comes the day, then lists of jobs. */
import type { Day } from "./day.ts";
import { Tryer, type Job } from "./jobs.ts";

let tryer: Tryer | null = null;

process.on("message", (message: { day: Day } | { jobs: Job[] }) => {
  if ("day" in message) tryer = new Tryer(revived(message.day));
  else process.send!(message.jobs.map((job) => tryer!.try(job)));
});

/** Buffers come as plain bytes. */
function revived(day: Day): Day {
  return { ...day, chip: Buffer.from(day.chip) };
}
