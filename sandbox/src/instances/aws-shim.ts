/**
 * What `aws` is on a sandbox instance: the two calls by which a script fetches Lightly's token, so that the script a user has in
 * production runs unchanged. Parameter Store and Secrets Manager themselves are not there.
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
  const answer =
    wish.operation === "GetParameter"
      ? { Parameter: { Name: wish.name, Type: "SecureString", Value: token } }
      : { Name: wish.name, SecretString: token };
  console.log(wish.asText ? token : JSON.stringify(answer, null, 4));
  return 0;
}

process.exitCode = main(process.argv.slice(2));
