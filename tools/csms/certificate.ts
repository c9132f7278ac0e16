/**
 * A root and a server certificate for wss, made at start: RSA keys, because the TLS library of the engine knows neither
 * ECDSA certificates nor ECDHE key exchange. OCPP 2.0.1 Part 2, A00.FR.3xx (security profile 2).
 */
import { generate } from "selfsigned";

/** PEM texts. */
export interface TlsFiles {
  key: string;
  cert: string;
  /** The root that a station needs to verify `cert`. */
  ca: string;
}

/** TLS 1.2 suites, those that A00.FR.318 demands of stations and the plain RSA ones that the engine can use. */
export const CIPHERS = [
  "AES256-GCM-SHA384",
  "AES128-GCM-SHA256",
  "DHE-RSA-AES256-GCM-SHA384",
  "DHE-RSA-AES128-GCM-SHA256",
  "ECDHE-RSA-AES256-GCM-SHA384",
  "ECDHE-RSA-AES128-GCM-SHA256",
].join(":");

const DAY = 86_400_000;
const LIFETIME_DAYS = 3650;

/** Valid for `localhost` and 127.0.0.1, from yesterday on, so that a station whose clock is a little late accepts it. */
export async function makeCertificate(): Promise<TlsFiles> {
  const dates = { notBeforeDate: new Date(Date.now() - DAY), notAfterDate: new Date(Date.now() + LIFETIME_DAYS * DAY) };
  const root = await generate([{ name: "commonName", value: "CSMS test root" }], {
    ...dates,
    algorithm: "sha256",
    extensions: [
      { name: "basicConstraints", cA: true, critical: true },
      { name: "keyUsage", keyCertSign: true, cRLSign: true, critical: true },
    ],
  });
  const server = await generate([{ name: "commonName", value: "localhost" }], {
    ...dates,
    algorithm: "sha256",
    ca: { key: root.private, cert: root.cert },
    extensions: [
      { name: "basicConstraints", cA: false },
      { name: "keyUsage", digitalSignature: true, keyEncipherment: true, critical: true },
      { name: "extKeyUsage", serverAuth: true },
      {
        name: "subjectAltName",
        altNames: [
          { type: 2, value: "localhost" },
          { type: 7, ip: "127.0.0.1" },
        ],
      },
    ],
  });
  return { key: server.private, cert: server.cert, ca: root.cert };
}
