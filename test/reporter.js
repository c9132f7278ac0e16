/**
 * Mocha's spec output, then what was skipped, by count and reason, and one line of totals. A test that is skipped carries its reason
 * in its title, behind the colon of its last square brackets.
 */
import mocha from "mocha";

export default class Totals extends mocha.reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    const skipped = new Map();
    runner.on("pending", (test) => {
      const reason = /\[[^\]]*?: ([^\]]+)\]$/.exec(test.title)?.[1] ?? "no reason given";
      skipped.set(reason, (skipped.get(reason) ?? 0) + 1);
    });
    runner.once("end", () => {
      for (const [reason, count] of skipped) console.log(`skipped ${count}: ${reason}`);
      const { passes, failures, pending } = runner.stats;
      console.log(`${passes} passed, ${failures} failed, ${pending} skipped`);
    });
  }
}
