/** A bar on a terminal, a line for each tenth elsewhere. */
const WIDTH = 40;

export function progressBar(title: string, out: NodeJS.WriteStream = process.stderr): (done: number, all: number) => void {
  let tenth = -1;
  return (done, all) => {
    const part = all === 0 ? 1 : done / all;
    if (out.isTTY) {
      const full = Math.round(part * WIDTH);
      out.write(
        `\r${title} [${"#".repeat(full)}${" ".repeat(WIDTH - full)}] ${Math.floor(part * 100)} %${done === all ? "\n" : ""}`,
      );
    } else if (Math.floor(part * 10) > tenth) {
      tenth = Math.floor(part * 10);
      out.write(`${title} ${tenth * 10} %\n`);
    }
  };
}
