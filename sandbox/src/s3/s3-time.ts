/** A time in S3's XML format: to the second, with the milliseconds at zero. */
export function isoSeconds(iso: string): string {
  return `${iso.slice(0, 19)}.000Z`;
}
