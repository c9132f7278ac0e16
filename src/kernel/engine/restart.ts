/** Hard restart of the chip. */
export function restart(): void {
  E.reboot();
}
