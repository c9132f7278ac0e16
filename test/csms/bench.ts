/**
 * A CSMS and fake stations for one test each, closed after it.
 */
import { startCsms, type Csms, type CsmsOptions } from "../../tools/csms/csms.ts";
import { FakeStation, type FakeStationOptions } from "./fake-station.ts";

export class Bench {
  csms!: Csms;
  private readonly stations: FakeStation[] = [];

  /** Inside `describe`. */
  constructor() {
    afterEach(async () => {
      for (const station of this.stations.splice(0)) station.end();
      await this.csms.close();
    });
  }

  async start(options: CsmsOptions = {}): Promise<Csms> {
    this.csms = await startCsms(options);
    return this.csms;
  }

  /** Connects a station and waits until the CSMS knows it. */
  async station(identity = "CS001", options: FakeStationOptions = {}): Promise<FakeStation> {
    const station = await FakeStation.connect(this.csms.url, identity, options);
    this.stations.push(station);
    await this.csms.waitFor(() => this.csms.stations.get(identity)?.online);
    return station;
  }

  /** Direction and reason of each violation. */
  reasons(): string[] {
    return this.csms.violations.map(({ dir, reason }) => `${dir} ${reason}`);
  }

  findings(): string[] {
    return this.csms.findings.map(({ text }) => text);
  }
}
