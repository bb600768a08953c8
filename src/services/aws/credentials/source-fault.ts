import type { ErrorCode } from "../../../errors/error-codes.ts";
import { PipelineError } from "../../../errors/pipeline-error.ts";
import { redact } from "../../../errors/redact.ts";
import { splitWords } from "../../../fields/split-words.ts";
import { describeSections, type SharedProfile } from "../configuration/shared-files.ts";
import { readAwsError } from "../errors/aws-error-facts.ts";
import { failedProcess } from "./child-processes.ts";
import type { CredentialOrigin } from "./environment-chain.ts";
import { metadataFault } from "./metadata-fault.ts";

/** A source of credentials that failed. */
export interface FailedSource {
  readonly origin: CredentialOrigin;
  readonly profile: SharedProfile;
}

/** Connection errors in the messages of single sign-on: the SDK does not pass the error itself. */
const NO_CONNECTION =
  /\b(?:E(?:AI_AGAIN|CONN[A-Z]+|HOSTUNREACH|NETUNREACH|NOTFOUND|PIPE|TIMEDOUT)|TimeoutError|ProxyError)\b/;
/** Maximum length of quoted output. */
const MAX_OUTPUT = 400;
const AS_NODE_RED = "as the user of Node-RED";

/**
 * Explains why a source returned no credentials: the errors of the SDK do not name the profile and the files.
 *
 * @returns `AWS_CREDENTIALS_*`, `AWS_UNREACHABLE`; a PipelineError, such as one of STS, is returned unchanged
 */
export function sourceFault(thrown: unknown, source: FailedSource): unknown {
  if (thrown instanceof PipelineError || !(thrown instanceof Error)) {
    return thrown;
  }
  const found = explain(thrown, source);
  const { profile, origin } = source;
  const details = { source: origin, ...(origin === "profile" && { profile: profile.name }) };
  return new PipelineError(found.code, found.message, {
    retryable: found.retryable ?? false,
    details,
    // The error of a process contains its command line and its output.
    ...(failedProcess() === undefined && { cause: thrown }),
  });
}

interface Explanation {
  readonly code: ErrorCode;
  readonly message: string;
  readonly retryable?: boolean;
}

function explain(thrown: Error, { origin, profile }: FailedSource): Explanation {
  switch (origin) {
    case "environment":
      return {
        code: "AWS_CREDENTIALS_MISSING",
        message:
          "Only one of AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY is set. Set both in the environment of Node-RED, or none.",
      };
    case "profile":
      return profileFault(thrown, profile);
    case "web identity":
      return webIdentityFault(thrown, "AWS_WEB_IDENTITY_TOKEN_FILE");
    case "container":
      return {
        code: "AWS_CREDENTIALS_MISSING",
        message: `The credentials endpoint of the container (AWS_CONTAINER_CREDENTIALS_*) gave no credentials: ${short(thrown.message)}. Check the variables, and the role of the container.`,
      };
    case "instance":
      return metadataFault(thrown, profile);
  }
}

function profileFault(thrown: Error, profile: SharedProfile): Explanation {
  const { message } = thrown;
  const named = `The profile "${profile.name}"`;
  if (!profile.exists) {
    const known = profile.others.length === 0 ? "" : ` Profiles there: ${profile.others.slice(0, 20).join(", ")}.`;
    return {
      code: "AWS_CREDENTIALS_MISSING",
      message: `There is no profile "${profile.name}" in ${profile.files}${describeSections(profile.name)}.${known} Correct its name in the account node or in AWS_PROFILE, or set AWS_CONFIG_FILE if the file is elsewhere.`,
    };
  }
  return (
    processFault(message, profile) ??
    singleSignOnFault(thrown, profile) ??
    (/multi-factor/i.test(message)
      ? {
          code: "AWS_CREDENTIALS_FAILED",
          message: `${named} asks for the code of a multi-factor device (mfa_serial), which Node-RED can't enter. Use a profile without mfa_serial, or one whose session \`aws sts get-session-token\` has created.`,
        }
      : undefined) ??
    (/^Could not resolve credentials/.test(message)
      ? {
          code: "AWS_CREDENTIALS_MISSING",
          message: `${named} in ${profile.files} has no credentials${describeOrigin(profile)}: ${whatIsMissing(profile)}.`,
        }
      : undefined) ??
    ("syscall" in thrown && profile.settings.web_identity_token_file !== undefined
      ? webIdentityFault(thrown, `web_identity_token_file of profile "${profile.name}"`)
      : undefined) ??
    (/metadata service/i.test(message) ? metadataFault(thrown, profile) : undefined) ?? {
      code: "AWS_CREDENTIALS_FAILED",
      message: `${named} gave no credentials: ${short(message)}. Check it in ${profile.files}.`,
    }
  );
}

/** What keeps the SDK from using the settings of a profile. */
function whatIsMissing({ name, settings, origin }: SharedProfile): string {
  if (settings.source_profile !== undefined && settings.credential_source !== undefined) {
    return "it has both source_profile and credential_source. Remove one of them";
  }
  if (origin.name !== name && Object.keys(origin.settings).length === 0) {
    return `there is no profile "${origin.name}"`;
  }
  const [first = "", ...others] = ["aws_access_key_id", "aws_secret_access_key"].filter(
    (name) => !origin.settings[name],
  );
  return others.length === 0
    ? `${first} is missing beside the other half of the keys`
    : "neither keys, a role with source_profile or credential_source, single sign-on, nor credential_process";
}

/** Names the profile with the credentials, if it is another one. */
function describeOrigin({ name, origin }: SharedProfile): string {
  return origin.name === name ? "" : ` (source_profile "${origin.name}")`;
}

function processFault(message: string, { origin }: SharedProfile): Explanation | undefined {
  const failed = failedProcess();
  // The SDK reads members of a response that may be null.
  const isUnreadable = /^Cannot read propert/.test(message) && origin.settings.credential_process !== undefined;
  const isOfProcess = isUnreadable || /credential_process/.test(message);
  if (failed === undefined && !isOfProcess) {
    return undefined;
  }
  // The arguments may be secret.
  const program = programIn(origin.settings.credential_process ?? failed?.command ?? "");
  const process = `The credential_process of profile "${origin.name}" (${program})`;
  if (failed === undefined) {
    const [, fault = "returned no valid response"] = message.split("credential_process ");
    return {
      code: /expired/.test(message) ? "AWS_CREDENTIALS_EXPIRED" : "AWS_CREDENTIALS_FAILED",
      message: `${process} ${short(fault)}. Run it yourself, ${AS_NODE_RED}, to see what it prints.`,
    };
  }
  const output = short(message.split("\n").slice(1).join(" "));
  return {
    code: "AWS_CREDENTIALS_FAILED",
    message: `${process} ended with ${failed.end}${output === "" ? " and no message" : `: ${output}`}. Run it yourself, ${AS_NODE_RED}.`,
  };
}

/** The first word of a command line. */
function programIn(commandLine: string): string {
  try {
    return splitWords(commandLine)[0] ?? "";
  } catch {
    // A quote is not closed.
    return commandLine.split(/\s/, 1)[0] ?? "";
  }
}

function singleSignOnFault(thrown: Error, { origin, files, section }: SharedProfile): Explanation | undefined {
  const { settings, name } = origin;
  const { message } = thrown;
  if (/aws login/.test(message)) {
    return {
      code: "AWS_CREDENTIALS_EXPIRED",
      message: `The login session of profile "${name}" has expired, or there is none. Run \`aws login --profile ${name}\` ${AS_NODE_RED}.`,
    };
  }
  if (!Object.keys(settings).some((key) => key.startsWith("sso_"))) {
    return undefined;
  }
  const session = settings.sso_session;
  if (session !== undefined && section(`sso-session.${session}`) === undefined) {
    return {
      code: "AWS_CREDENTIALS_FAILED",
      message: `Single sign-on of profile "${name}" refers to the section [sso-session ${session}], which is not in ${files}. Add it, or correct sso_session.`,
    };
  }
  if (/sso login|SSO session|SSO Token|Token is expired|UnauthorizedException/i.test(message)) {
    return {
      code: "AWS_CREDENTIALS_EXPIRED",
      message: `The single sign-on session of profile "${name}" has expired, or there is none. Run \`aws sso login --profile ${name}\` ${AS_NODE_RED}.`,
    };
  }
  const isUntrusted = /certificate/i.test(message);
  if (isUntrusted || NO_CONNECTION.test(message)) {
    const advice = isUntrusted
      ? "If a proxy or firewall of your network re-signs TLS connections, enter the certificate of its authority as the CA file of the account"
      : "Check the network and the proxy";
    return {
      code: "AWS_UNREACHABLE",
      retryable: !isUntrusted,
      message: `Single sign-on of profile "${name}" in ${settings.sso_region ?? "its region"} was not reached: ${short(message)}. ${advice}.`,
    };
  }
  return {
    code: "AWS_CREDENTIALS_FAILED",
    message: `Single sign-on of profile "${name}" gave no credentials: ${short(message)}. Check its account, role and sso-session in ${files}.`,
  };
}

function webIdentityFault(thrown: Error, where: string): Explanation {
  const { systemCode } = readAwsError(thrown);
  return {
    code: "AWS_CREDENTIALS_FAILED",
    message: `The web identity token can't be used (${systemCode ?? short(thrown.message)}). Check the file that ${where} names, and AWS_ROLE_ARN.`,
  };
}

function short(text: string): string {
  const line = redact(text).replace(/\s+/g, " ").trim();
  return (line.length > MAX_OUTPUT ? `${line.slice(0, MAX_OUTPUT)}...` : line).replace(/\.$/, "");
}
