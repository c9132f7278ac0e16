/** Wi-Fi whose other side is a twin in the simulator (`engine/wifi.ts`): who asked for what. */
export const radio = {
  heard: undefined as undefined | ((details: WifiDetails) => void),
  scanned: undefined as undefined | ((found: AccessPoint[]) => void),
  resolved: undefined as undefined | ((address: string | null) => void),
  opened: undefined as undefined | (() => void),
  /** Networks of the scan under way. */
  found: undefined as undefined | AccessPoint[],
  /** Port on which the page is served: the simulator says one that is free. */
  port: 0,
};
