/** Tests in a real browser: Debian's Chromium, driven by playwright-core. Without it they are skipped by name and reason. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { chromium, type Browser, type BrowserContext, type BrowserContextOptions, type Page } from "playwright-core";

const CHROMIUM = "/usr/bin/chromium";
const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
/** ms for a test; a loaded machine draws slowly. */
const TIMEOUT = 120_000;

export interface Tab {
  page: Page;
  /** What the page's console and uncaught errors have said. */
  complaints: string[];
}

export interface InBrowser {
  /** A test that is skipped without the browser. */
  test(title: string, body: () => Promise<void>): void;
  /** A new window with storage of its own at `url`. */
  open(url: string, options?: BrowserContextOptions): Promise<Tab>;
}

/** Tests that share a browser, with its own fresh user data; windows are closed after each test. */
export function describeInBrowser(title: string, define: (browser: InBrowser) => void): void {
  const here = existsSync(CHROMIUM);
  describe(title, () => {
    let browser: Browser | null = null;
    const contexts: BrowserContext[] = [];
    afterEach(async () => {
      for (const context of contexts.splice(0)) await context.close();
    });
    after(async () => {
      await browser?.close();
    });
    define({
      test(name, body) {
        it(`${name} [browser${here ? "" : `: no Chromium at ${CHROMIUM}`}]`, async function () {
          if (!here) this.skip();
          this.timeout(TIMEOUT);
          await body();
        });
      },
      async open(url, options = {}) {
        browser ??= await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
        const context = await browser.newContext({
          viewport: { width: 1500, height: 1000 },
          reducedMotion: "reduce",
          ...options,
        });
        contexts.push(context);
        context.setDefaultTimeout(20_000);
        const page = await context.newPage();
        const complaints: string[] = [];
        page.on("pageerror", (error) => complaints.push(error.message));
        page.on("console", (message) => {
          if (message.type() === "error") complaints.push(message.text());
        });
        await page.goto(url);
        return { page, complaints };
      },
    });
  });
}

/** Waits until `condition` holds. */
export async function until(what: string, condition: () => boolean | Promise<boolean>, seconds = 10): Promise<void> {
  const end = Date.now() + seconds * 1000;
  while (!(await condition())) {
    if (Date.now() > end) assert.fail(`${what}: not within ${seconds} s`);
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
}

/** Bytes of JavaScript objects of a page, after a garbage collection. */
export async function heapBytes(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page);
  await session.send("HeapProfiler.collectGarbage");
  const { usedSize } = await session.send("Runtime.getHeapUsage");
  await session.detach();
  return usedSize;
}
