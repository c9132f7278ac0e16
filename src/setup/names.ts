/**
 * @overlay
 * DNS (RFC 1035, 4.1) of the board's own access point: every name has the address of the board, so that a telephone that looks whether there is an
 * internet finds the page.
 */

/** 192.168.4.1 */
const ADDRESS = "\xc0\xa8\x04\x01";
/** Bytes of a head, and of a name at most. */
const HEAD = 12;
const MOST_NAME = 255;

/** The answer to `query`; "" when it is no query of one name. */
export function answerName(query: string): string {
  let end = HEAD;
  // A standard query (the recursion that it wants is no matter) with one question and nothing else but what EDNS adds.
  if ((query.charCodeAt(2) & 0xfe) !== 0 || query.substr(4, 6) !== "\0\x01\0\0\0\0") {
    return "";
  }
  while (query.charCodeAt(end) > 0 && query.charCodeAt(end) < 64 && end < HEAD + MOST_NAME) {
    end += query.charCodeAt(end) + 1;
  }
  const question = query.substr(HEAD, end + 5 - HEAD);
  if (query.charCodeAt(end) !== 0 || query.length < end + 5) {
    return "";
  }
  // IPv4 of the internet; of any other type there is nothing.
  const known = question.substr(question.length - 4) === "\0\x01\0\x01";
  return (
    query.substr(0, 2) +
    "\x85\x80\0\x01\0" +
    (known ? "\x01" : "\0") +
    "\0\0\0\0" +
    question +
    // The name of the question, type, class, 10 s, length.
    (known ? "\xc0\x0c\0\x01\0\x01\0\0\0\x0a\0\x04" + ADDRESS : "")
  );
}
