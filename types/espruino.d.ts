/**
 * The Espruino API in use, and nothing else of it: a call that is not declared here is a type error.
 * `Storage` has no `write` and no `erase` on purpose: its compaction is not safe against a power cut, so the firmware
 * never writes there.
 */

/** Six hexadecimal digits of a hash over the image; the build puts them in. */
declare const BUILD_ID: string;

/** Set by the boot file: the slices of the build that runs. */
declare let CODE: string;
/** Set by the boot file: the slot that runs, 0 or 1. */
declare let SLOT: number;

interface StorageModule {
  /** Text of a file, straight from flash; undefined when there is none. */
  read(name: string, offset?: number, length?: number): string | undefined;
  list(): string[];
}

interface FlashModule {
  /** `address` in bytes; any length. */
  read(length: number, address: number): Uint8Array;
  /** Only clears bits. */
  write(data: string | number | Uint8Array | ArrayBuffer | number[], address: number): void;
  /** Erases the page of 4,096 bytes that holds `address`. */
  erasePage(address: number): void;
}

interface Socket {
  on(event: "connect" | "drain" | "end", handler: () => void): void;
  on(event: "data", handler: (chunk: string) => void): void;
  on(event: "close", handler: (failed: boolean) => void): void;
  on(event: "error", handler: (error: { code: number; message: string }) => void): void;
  removeAllListeners(event?: string): void;
  write(data: string): boolean;
  /** Closes once what was written has left; with a peer that does not read, never. */
  end(data?: string): void;
  /** Bytes that have not left yet. */
  dSnd: string;
  /** Set to 1 it closes at the next idle moment, whatever has not left. */
  clsNow: number;
}

interface ConnectOptions {
  host: string;
  port: number;
}

interface TlsConnectOptions extends ConnectOptions {
  servername?: string;
  /** DER bytes, not PEM. */
  ca?: string;
  cert?: string;
  key?: string;
}

interface Server {
  listen(port: number): Server;
  close(): void;
}

interface NetModule {
  createServer(accepted: (socket: Socket) => void): Server;
  /** Blocks; throws when there is no connection or no such host. */
  connect(options: ConnectOptions, connected?: () => void): Socket;
}

interface TlsModule {
  /** `connected` is called before the handshake; a failed handshake is an uncaught exception and an `error` event. */
  connect(options: TlsConnectOptions, connected?: () => void): Socket;
}

interface CryptoModule {
  SHA1(data: string | Uint8Array | ArrayBuffer): ArrayBuffer;
  SHA256(data: string | Uint8Array | ArrayBuffer): ArrayBuffer;
}

/** Files of the engine's working directory: the `sim` board alone has them. */
interface FsModule {
  readFileSync(name: string): string | undefined;
  writeFileSync(name: string, data: string): boolean;
}

interface DatagramSocket {
  on(event: "message", handler: (data: string, from: { address: string; port: number; size: number }) => void): void;
  on(event: "error", handler: (error: { code: number; message: string }) => void): void;
  on(event: "close", handler: (failed: boolean) => void): void;
  removeAllListeners(event?: string): void;
  /** Looks `host` up, which blocks unless it is an address. */
  send(data: string, port: number, host: string): void;
  bind(port: number): DatagramSocket;
  close(): void;
}

interface DatagramModule {
  createSocket(type: "udp4"): DatagramSocket;
}

/** What the events `associated`, `connected` and `disconnected` tell: each has members of its own. */
interface WifiDetails {
  /** `associated`: of the access point. */
  channel?: string;
  /** `connected`: address of the station. */
  ip?: string;
  /** `disconnected`: number of the reason, and its name. */
  reason?: string;
  msg?: string;
}

interface AccessPoint {
  ssid: string;
  /** dBm */
  rssi: number;
  /** `open`, `wep`, `wpa`, `wpa2`, `wpa_wpa2`, `unknown` */
  authMode: string;
}

interface WifiModule {
  on(event: "associated" | "connected" | "disconnected", handler: (details: WifiDetails) => void): void;
  connect(ssid: string, options: { password: string }): void;
  disconnect(): void;
  scan(heard: (found: AccessPoint[]) => void): void;
  getHostByName(host: string, heard: (address: string | null) => void): void;
  startAP(ssid: string, options: { password?: string }, started: (error: string | null) => void): void;
  stopAP(): void;
}

interface NeopixelModule {
  write(pin: number, data: string | Uint8Array): void;
}

declare function require(name: "neopixel"): NeopixelModule;
declare function require(name: "Storage"): StorageModule;
declare function require(name: "Flash"): FlashModule;
declare function require(name: "net"): NetModule;
declare function require(name: "dgram"): DatagramModule;
declare function require(name: "Wifi"): WifiModule;
declare function require(name: "tls"): TlsModule;
declare function require(name: "crypto"): CryptoModule;
declare function require(name: "fs"): FsModule;

declare const E: {
  /** Bytes to text, unchanged. */
  toString(...data: (string | ArrayBuffer | TypedArray | number[])[]): string;
  toArrayBuffer(text: string): ArrayBuffer;
  toUint8Array(...data: (string | ArrayBuffer | TypedArray | number[])[]): Uint8Array;
  /** 32 bits; on the ESP32 the same row after each boot unless `srand` was fed. */
  hwRand(): number;
  srand(seed: number): void;
  CRC32(data: string | ArrayBuffer | TypedArray): number;
  /** Of the bytes of a text, or the elements of an array. */
  sum(data: string | TypedArray | number[]): number;
  reboot(): void;
  /** Reading clears them. */
  getErrorFlags(): string[];
  on(event: "errorFlag", handler: (flags: string[]) => void): void;
  on(event: "init" | "kill", handler: () => void): void;
  enableWatchdog(seconds: number, automatic?: boolean): void;
  kickWatchdog(): void;
  /** null: no console. */
  setConsole(device: null, options: { force: boolean }): void;
};

declare const process: {
  readonly version: string;
  readonly env: { readonly VERSION: string; readonly BOARD: string };
  /** Variables; collects garbage first unless `collect` is false. */
  memory(collect?: boolean): {
    readonly free: number;
    readonly usage: number;
    readonly total: number;
    readonly blocksize: number;
  };
  on(event: "uncaughtException", handler: (error: Error | string) => void): void;
};

declare function setTimeout<A, B>(handler: (a: A, b: B) => void, milliseconds: number, a: A, b: B): number;
declare function setTimeout<A>(handler: (a: A) => void, milliseconds: number, a: A): number;
declare function setTimeout(handler: () => void, milliseconds: number): number;
declare function setInterval(handler: () => void, milliseconds: number): number;
/** Throws for undefined; without an argument it would stop every timer. */
declare function clearTimeout(id: number): void;
declare function clearInterval(id: number): void;

/** Seconds, with fraction. */
declare function getTime(): number;
/** Safe for running timers, unlike a clock set by the system. */
declare function setTime(seconds: number): void;

/** Percent-encodes all but letters, digits and `-_.!~*'()`: of ASCII what a segment of a path may hold (RFC 3986 3.3). */
declare function encodeURIComponent(text: string): string;
declare function btoa(bytes: string): string;
declare function atob(base64: string): string;
declare function print(...values: unknown[]): void;
/** A function whose body stays in flash when it is a flash text: four names of parameters, then the body. Only the overlay loader has a use for it. */
declare function Function(
  ...parametersAndBody: [string, string, string, string, string]
): (a?: unknown, b?: unknown, c?: unknown, d?: unknown) => unknown;
/** Evaluates a text in the global scope; what is a flash text stays in flash. Only the boot file has a use for it. */
declare function eval(text: string): unknown;
/** Serial number of the chip (MAC address on the ESP32). */
declare function getSerial(): string;

interface Pin {
  read(): boolean;
}
/** Pins are GPIO numbers too. 0 to 1. */
declare function analogRead(pin: Pin | number): number;
/** 0 to 1 of the period. */
declare function analogWrite(pin: number, duty: number, options: { freq: number }): void;
declare function digitalRead(pin: number): number;
declare function digitalWrite(pin: number, value: number): void;
/** Returns at once; the pulse ends by a hardware timer. */
declare function digitalPulse(pin: number, value: number, milliseconds: number): void;
/** What a watch tells; the pin converts to its number. */
interface PinEvent {
  readonly pin: number;
}
declare function setWatch(
  handler: (event: PinEvent) => void,
  pin: number,
  options: { repeat: boolean; edge: "rising" | "falling" | "both"; debounce: number },
): number;
/** For what an engine file exports by the same name. */
declare const global: { pinMode(pin: number, mode: string): void };

interface Serial {
  setup(baud: number, options: { rx: number; tx: number; parity: string }): void;
  on(event: "data", handler: (bytes: string) => void): void;
  write(bytes: string): void;
}
declare const Serial1: Serial;
declare const Serial2: Serial;
declare const Serial3: Serial;

declare const I2C1: {
  setup(options: { sda: number; scl: number; bitrate: number }): void;
  writeTo(address: number, bytes: string): void;
  readFrom(address: number, count: number): Uint8Array;
};

declare const D32: Pin;
declare const D33: Pin;
declare const D34: Pin;
declare const D35: Pin;
declare const D36: Pin;
declare const D39: Pin;

/** As a test for characters that need an escape alone (`plain` in src/kernel/text.ts): the engine's JSON builds and reads no frame. */
declare const JSON: { stringify(text: string): string };
