import { PipelineError } from "../../errors/pipeline-error.ts";
import { quote } from "../ssm/shell-word.ts";
import { installationProgress } from "./installation-progress.ts";
import type { StudioRequest } from "./studio-request.ts";

/** The release that the script is made for. Others may have another database, and other internals. */
export const STUDIO_VERSION = "1.2.0";
const STUDIO_PACKAGE = `lightly-studio[cloud-storage]==${STUDIO_VERSION}`;
const CPU_WHEELS = "https://download.pytorch.org/whl/cpu";

export interface StudioCommandOptions {
  readonly request: StudioRequest;
  /** The script, as `packScript` returns it. */
  readonly script: string;
  /** The interpreter of an environment with LightlyStudio: `/opt/lightly-studio/bin/python`. */
  readonly python: string;
  /** Makes that environment if the interpreter does not exist: with PyTorch for the CPU only, or for CUDA. */
  readonly install?: "cpu" | "cuda";
}

const NOT_INSTALLABLE =
  "The installation failed. It needs uv, or python3 3.10 or newer with venv, and access to the internet. The output of the command has the reason.";

/** Characters of a command; Systems Manager takes 64 KB with everything else. */
const MAX_CHARACTERS = 60_000;
const EXIT_NOT_INSTALLED = 10;
/** Of the installation, when something else is where it should be. */
const EXIT_OCCUPIED = 12;
/** Of the script, which uses statements that older ones do not have. Amazon Linux 2023 has 3.9, and Ubuntu has venv in another package. */
const HAS_PYTHON = "import ensurepip, sys; sys.exit(sys.version_info < (3, 10))";

/**
 * Creates the lines of a shell script that runs the script on an instance. It is loaded from the command itself and leaves no file behind;
 * the request and the script reach Python as base64, so that nothing in them is expanded or executed by the shell or Systems Manager.
 *
 * @throws PipelineError `SSM_REQUEST_INVALID`
 */
export function studioCommand({ request, script, python, install }: StudioCommandOptions): string[] {
  if (!python.startsWith("/") || !/\/bin\/[^/]+$/.test(python)) {
    throw invalid(
      `"${python}" is not the absolute path of a Python in an environment: /opt/lightly-studio/bin/python.`,
    );
  }
  const encoded = Buffer.from(JSON.stringify(request)).toString("base64");
  const lines = [
    // The agent sets the region; not all versions of the AWS SDK read it from the instance.
    'export AWS_DEFAULT_REGION="${AWS_DEFAULT_REGION:-${AWS_REGION:-${AWS_SSM_REGION_NAME:-}}}"',
    `python=${quote(python, "the path of Python")}`,
    ...(install === undefined ? [] : installation(install, request, python)),
    `[ -x "$python" ] || ${end(missing(python))}`,
    `exec "$python" - <<'SELECT_FRAMES'`,
    ...bootstrap(encoded, script),
    "SELECT_FRAMES",
  ];
  const characters = lines.join("\n").length;
  if (characters > MAX_CHARACTERS) {
    throw invalid(
      `The request has ${request.inputs.length} inputs, which is more than a command can take. Name the folders that contain them instead.`,
    );
  }
  return lines;
}

/** Imports the modules from memory. */
function bootstrap(request: string, script: string): string[] {
  return [
    "import base64, importlib.abc, importlib.util, json, runpy, sys, zlib",
    `REQUEST = "${request}"`,
    `SCRIPT = "${script}"`,
    "sources = json.loads(zlib.decompress(base64.b64decode(SCRIPT)))",
    "class Modules(importlib.abc.MetaPathFinder, importlib.abc.InspectLoader):",
    "    def find_spec(self, name, path, target=None):",
    '        is_package = name == "select_frames"',
    "        return importlib.util.spec_from_loader(name, self, is_package=is_package) if name in sources else None",
    "    def get_source(self, name):",
    "        return sources[name]",
    "    def is_package(self, name):",
    '        return name == "select_frames"',
    "sys.meta_path.insert(0, Modules())",
    'sys.argv = ["select_frames", base64.b64decode(REQUEST).decode()]',
    'runpy.run_module("select_frames.__main__", run_name="__main__")',
  ];
}

/** Where uv is installed it is several times faster than pip. One command at a time makes an environment. */
function installation(build: "cpu" | "cuda", request: StudioRequest, python: string): string[] {
  const home = python.replace(/\/bin\/[^/]+$/, "");
  const occupied = `${home} exists on this instance, but has no ${python}. Remove it, or enter another path.`;
  const [forUv, forPip] =
    build === "cpu"
      ? [" --torch-backend=cpu", `"$new/bin/pip" install --quiet torch torchvision --index-url ${CPU_WHEELS} && `]
      : ["", ""];
  const uv = 'uv pip install --quiet --python "$new/bin/python"';
  return [
    'home="${python%/bin/*}"; new="$home.new"',
    "make_environment() {",
    "  if command -v uv >/dev/null; then",
    `    uv venv --quiet --python '>=3.10' "$new" && ${uv} botocore`,
    "  else",
    `    python3 -c '${HAS_PYTHON}' && python3 -m venv "$new" && "$new/bin/pip" install --quiet botocore`,
    "  fi",
    "}",
    "install_packages() {",
    "  if command -v uv >/dev/null; then",
    `    ${uv}${forUv} '${STUDIO_PACKAGE}'`,
    "  else",
    `    ${forPip}"$new/bin/pip" install --quiet '${STUDIO_PACKAGE}'`,
    "  fi",
    "}",
    // News only: whatever fails in it is no failure of the installation.
    "tell_installation() {",
    `  exec "$new/bin/python" - "$new" 2>/dev/null <<'TELL_INSTALLATION'`,
    ...installationProgress(request),
    "TELL_INSTALLATION",
    "}",
    "install_studio() {",
    `  [ ! -e "$home" ] || ${end(occupied, EXIT_OCCUPIED)}`,
    '  rm -rf "$new"; mkdir -p "${home%/*}"',
    "  make_environment || return",
    "  tell_installation & telling=$!",
    "  install_packages; result=$?",
    '  kill "$telling" 2>/dev/null; wait "$telling" 2>/dev/null',
    '  [ "$result" = 0 ] && mv "$new" "$home"',
    "}",
    `if [ ! -x "$python" ]; then`,
    `  echo '{"phase": "install", "done": 0, "of": 1}'`,
    '  (flock 9; [ -x "$python" ] || install_studio) 9>/var/lock/lightly-studio',
    "  case $? in",
    "    0) ;;",
    `    ${EXIT_OCCUPIED}) exit ${EXIT_NOT_INSTALLED} ;;`,
    `    *) ${end(NOT_INSTALLABLE)} ;;`,
    "  esac",
    `fi`,
  ];
}

function missing(python: string): string {
  return `There is no ${python} on this instance. Install ${STUDIO_PACKAGE} there, or let the step install it.`;
}

/** Shell code that says what is missing, as the script says what failed, and ends. */
function end(message: string, exitCode = EXIT_NOT_INSTALLED): string {
  const line = JSON.stringify({ phase: "failed", code: "STUDIO_NOT_INSTALLED", message });
  return `{ printf '%s\\n' ${quote(line, "the path of Python")}; exit ${exitCode}; }`;
}

function invalid(message: string): PipelineError {
  return new PipelineError("SSM_REQUEST_INVALID", message);
}
