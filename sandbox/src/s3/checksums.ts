import { createHash } from "node:crypto";
import { AwsFault } from "../aws/aws-fault.ts";
import { CRC32, CRC32C, CRC64NVME, type CrcKind, combineCrc, type Running, runningCrc } from "./crc.ts";

const ALGORITHMS = ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256", "SHA512", "MD5"] as const;
export type Algorithm = (typeof ALGORITHMS)[number];
export type ChecksumType = "COMPOSITE" | "FULL_OBJECT";

const CRCS: Readonly<Partial<Record<Algorithm, CrcKind>>> = { CRC32, CRC32C, CRC64NVME };

/** An object's checksum as readers receive it. */
export interface ObjectChecksum {
  readonly algorithm: Algorithm;
  /** base64; with the suffix `-N` when it is a checksum of N parts' checksums */
  readonly value: string;
  readonly type: ChecksumType;
}

export function checksumHeader(algorithm: Algorithm): string {
  return `x-amz-checksum-${algorithm.toLowerCase()}`;
}

/**
 * Reads an algorithm's name, ignoring case.
 *
 * @throws AwsFault `NotImplemented` for algorithms that S3 supports and the sandbox does not
 */
export function readAlgorithm(name: string): Algorithm {
  const algorithm = ALGORITHMS.find((one) => one === name.toUpperCase());
  if (algorithm === undefined) {
    const known = ALGORITHMS.join(", ");
    throw new AwsFault("NotImplemented", 501, `The sandbox does not support the checksum ${name}; use ${known}.`);
  }
  return algorithm;
}

export function startChecksum(algorithm: Algorithm): Running {
  const crc = CRCS[algorithm];
  return crc === undefined ? createHash(algorithm.toLowerCase()) : runningCrc(crc);
}

/** The checksum types of a multipart object by algorithm; the first is S3's default. */
function typesOf(algorithm: Algorithm): readonly ChecksumType[] {
  if (algorithm === "CRC64NVME") {
    return ["FULL_OBJECT"];
  }
  return CRCS[algorithm] === undefined ? ["COMPOSITE"] : ["COMPOSITE", "FULL_OBJECT"];
}

/** @throws AwsFault `InvalidRequest` when the algorithm does not support that type */
export function readChecksumType(algorithm: Algorithm, type: string | undefined): ChecksumType {
  const types = typesOf(algorithm);
  const found = type === undefined ? types[0] : types.find((one) => one === type.toUpperCase());
  if (found === undefined) {
    const message = `The ${type} checksum type cannot be used with the ${algorithm.toLowerCase()} checksum algorithm.`;
    throw new AwsFault("InvalidRequest", 400, message);
  }
  return found;
}

/** A part's checksum (base64) and length. */
export interface PartChecksum {
  readonly value: string;
  readonly bytes: number;
}

/** A multipart object's checksum from those of its parts. */
export function joinChecksums(
  algorithm: Algorithm,
  type: ChecksumType,
  parts: readonly PartChecksum[],
): ObjectChecksum {
  const digests = parts.map(({ value }) => Buffer.from(value, "base64"));
  const crc = CRCS[algorithm];
  if (type === "COMPOSITE" || crc === undefined) {
    const running = startChecksum(algorithm);
    running.update(Buffer.concat(digests));
    return { algorithm, type: "COMPOSITE", value: `${running.digest().toString("base64")}-${parts.length}` };
  }
  const [first = Buffer.alloc(crc.bits / 8), ...others] = digests;
  const joined = others.reduce<Buffer>(
    (sum, digest, i) => combineCrc(crc, sum, digest, parts[i + 1]?.bytes ?? 0),
    first,
  );
  return { algorithm, type: "FULL_OBJECT", value: joined.toString("base64") };
}
