/** The prefix lengths below which a range of addresses contains public networks of others. */
const WIDEST_IPV4 = 8;
const WIDEST_IPV6 = 32;

/** Whether a range of addresses is so wide that it contains public networks of others. */
export function isEverywhere(cidr: unknown): boolean {
  const [, address, length] = /^([\d.:a-f]+)\/(\d+)$/i.exec(String(cidr)) ?? [];
  return address !== undefined && Number(length) < (address.includes(':') ? WIDEST_IPV6 : WIDEST_IPV4);
}
