/** Marks an mp4 as turned by 90 degrees, as a phone does, by the matrix of its tracks. */
export function rotateMp4(content: Buffer, height: number): Buffer {
  const turned = Buffer.from(content);
  for (let at = turned.indexOf("tkhd"); at >= 0; at = turned.indexOf("tkhd", at + 4)) {
    const matrix = at + 44;
    const one = 0x10000;
    [0, one, 0, -one, 0, 0, height * one, 0].forEach((value, place) => {
      turned.writeInt32BE(value, matrix + place * 4);
    });
  }
  return turned;
}
