/**
 * The program `aws` of a sandbox instance: the two calls that return Lightly's token, so that a user's production
 * script runs unchanged. It does not implement Parameter Store and Secrets Manager.
 */
import { parseAws } from "./aws-arguments.ts";
import { readTokenFile } from "./token-file.ts";

function main(argv: readonly string[]): number {
  const folder = process.env.SANDBOX_INSTANCE_DIR;
  if (folder === undefined) {
    console.error("aws: this program only works on an instance of the sandbox (SANDBOX_INSTANCE_DIR is not set).");
    return 255;
  }
  const wish = parseAws(argv);
  if (wish.kind === "refused") {
    console.error(wish.message);
    return wish.exitCode;
  }
  const token = readTokenFile(folder);
  const output =
    wish.operation === "GetParameter"
      ? { Parameter: { Name: wish.name, Type: "SecureString", Value: token } }
      : { Name: wish.name, SecretString: token };
  console.log(wish.asText ? token : JSON.stringify(output, null, 4));
  return 0;
}

process.exitCode = main(process.argv.slice(2));
