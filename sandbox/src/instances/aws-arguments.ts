/** The parsed arguments of `aws` on a sandbox instance. */
export type AwsArguments =
  | { readonly kind: "token"; readonly operation: string; readonly name: string; readonly asText: boolean }
  | { readonly kind: "refused"; readonly message: string; readonly exitCode: number };

/** The two calls that return a secret, and the path of the secret in their responses. */
const CALLS = {
  "ssm get-parameter": { operation: "GetParameter", name: "--name", query: "Parameter.Value" },
  "secretsmanager get-secret-value": { operation: "GetSecretValue", name: "--secret-id", query: "SecretString" },
} as const;
/** Options without a value. */
const LONE = new Set(["--with-decryption", "--no-with-decryption", "--no-cli-pager", "--no-paginate", "--debug"]);
/** No parameters are stored: a name like this means Lightly's token. */
const TOKEN_NAME = /lightly|token/i;

/** Parses the arguments of `aws`: only `ssm get-parameter` and `secretsmanager get-secret-value` are supported. */
export function parseAws(argv: readonly string[]): AwsArguments {
  const words: string[] = [];
  const options = new Map<string, string>();
  for (let at = 0; at < argv.length; at += 1) {
    const word = argv[at] ?? "";
    const equals = word.indexOf("=");
    if (!word.startsWith("--")) {
      words.push(word);
    } else if (equals > 0) {
      options.set(word.slice(0, equals), word.slice(equals + 1));
    } else if (LONE.has(word)) {
      options.set(word, "");
    } else {
      at += 1;
      options.set(word, argv[at] ?? "");
    }
  }
  const call = CALLS[words.join(" ") as keyof typeof CALLS];
  if (call === undefined) {
    const known = Object.keys(CALLS).join(" and ");
    return refused(`aws: a sandbox instance only supports ${known}, for Lightly's token, not: ${words.join(" ")}`, 252);
  }
  const name = options.get(call.name) ?? "";
  if (name === "") {
    return refused(`aws: error: the following arguments are required: ${call.name}`, 252);
  }
  if (!TOKEN_NAME.test(name)) {
    const code = call.operation === "GetParameter" ? "ParameterNotFound" : "ResourceNotFoundException";
    const hint = "use a name that contains lightly or token to get Lightly's token.";
    return refused(`An error occurred (${code}) when calling the ${call.operation} operation: ${hint}`, 254);
  }
  if (call.operation === "GetParameter" && !options.has("--with-decryption")) {
    return refused("aws: the sandbox's parameter is a SecureString: add --with-decryption.", 254);
  }
  const asText = options.get("--output") === "text" && options.get("--query") === call.query;
  return { kind: "token", operation: call.operation, name, asText };
}

function refused(message: string, exitCode: number): AwsArguments {
  return { kind: "refused", message, exitCode };
}
