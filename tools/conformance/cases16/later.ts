/** Rows of what comes with the issue "Security, certificates, signed updates and logs". */
import { later, type Case } from "../case.ts";

const CASES: [id: string, title: string][] = [
  ["TC_044_1", "Firmware update"],
  ["TC_044_2", "Firmware update, the download fails"],
  ["TC_044_3", "Firmware update, the installation fails"],
  ["TC_045_1", "Diagnostics"],
  ["TC_045_2", "Diagnostics, the upload fails"],
  ["TC_073", "AuthorizationKey: used from the next connection on"],
  ["TC_074", "Renewal of the station's certificate, triggered"],
  ["TC_075", "InstallCertificate, central system and manufacturer root"],
  ["TC_076", "DeleteCertificate"],
  ["TC_077", "CertificateSigned that is not valid"],
  ["TC_078", "InstallCertificate that is not valid"],
  ["TC_079", "GetLog of the security log"],
  ["TC_080", "Signed firmware update"],
  ["TC_081", "Signed firmware update, signature not valid"],
  ["TC_083", "Upgrade of the security profile"],
  ["TC_084", "Downgrade of the security profile: Rejected"],
  ["TC_085", "Basic authentication"],
  ["TC_086", "TLS: server certificate"],
  ["TC_087", "TLS: client certificate"],
];

const LINES: [id: string, title: string][] = [
  ["FW-02", "Firmware update and running transactions"],
  ["FW-03", "UpdateFirmware when signed updates are offered: NotSupported"],
  ["SE-01", "Security profiles 1 to 3"],
  ["SE-02", "Cipher suites, names, chain"],
  ["SE-03", "AuthorizationKey of a wrong form: Rejected"],
  ["SE-11", "GetInstalledCertificateIds"],
  ["SE-12", "DeleteCertificate of a certificate in use"],
  ["SE-13", "ExtendedTriggerMessage"],
  ["SE-14", "AdditionalRootCertificateCheck"],
  ["SE-20", "SecurityProfile and what it needs"],
  ["SE-21", "GetLog during an upload, errors"],
  ["SE-22", "Signed update during another; certificate not valid"],
  ["SE-23", "Security events: log, queue, notification"],
];

const ISSUE = 'issue "Security, certificates, signed updates and logs"';

export const LATER: Case[] = [...CASES, ...LINES].map(([id, title]) => later(id, title, ISSUE));
