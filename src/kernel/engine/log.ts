/** One line for the engineer at the serial console. */
export function log(text: string): void {
  print(text);
}
