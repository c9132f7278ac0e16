/**
 * Mocha's spec output, then what was skipped, by count and reason, what needed a second attempt, by name, and one line of totals. A test
 * that is skipped carries its reason in its title or its suite's, behind the colon of square brackets. A second attempt has the same seed:
 * only what depends on the load of the machine (real sockets, a real browser) can pass it. `npm run test:full` allows none.
 */
import mocha from "mocha";

export default class Totals extends mocha.reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    const skipped = new Map();
    const unsteady = [];
    runner.on("retry", (test, error) => unsteady.push(`${test.fullTitle()}: ${error.message}`));
    runner.on("pending", (test) => {
      const title = test.fullTitle();
      const reason =
        /\[[^\]]*?: ([^\]]+)\]/.exec(title)?.[1] ??
        /skipped: ([^,)]+)/.exec(title)?.[1] ??
        (title.includes("FULL=1")
          ? "FULL=1 runs it"
          : /espruino/i.test(title)
            ? "no binary in ESPRUINO or on PATH"
            : "no reason given");
      skipped.set(reason, (skipped.get(reason) ?? 0) + 1);
    });
    runner.once("end", () => {
      for (const [reason, count] of skipped) console.log(`skipped ${count}: ${reason}`);
      for (const test of unsteady) console.log(`second attempt: ${test}`);
      const { passes, failures, pending } = runner.stats;
      console.log(`${passes} passed, ${failures} failed, ${pending} skipped`);
    });
  }
}
