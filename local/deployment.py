"""Deploys a stage to AWS: builds for the chosen runtime, then `sam deploy` with samconfig.toml."""

import argparse
import os
import subprocess
import sys
import tomllib

from local import packages

FOLDER = packages.ROOT / ".aws-sam/build"


def overrides(stage: str, target: packages.Target) -> list[str]:
    """The stage's parameters with the target's: on its command line SAM wants all of them."""
    config = tomllib.loads((packages.ROOT / "samconfig.toml").read_text())
    kept = config[stage]["deploy"]["parameters"]["parameter_overrides"]
    return [*kept, f"PyRuntime={target.runtime}", f"Architecture={target.architecture}"]


def deploy(stage: str, target: packages.Target) -> int:
    """Asks before it changes anything, as samconfig.toml says; SAM's own exit code."""
    template = packages.build(target, FOLDER)
    command = [str(packages.SAM), "deploy", "--template-file", str(template)]
    config = ["--config-file", str(packages.ROOT / "samconfig.toml"), "--config-env", stage]
    chosen = ["--parameter-overrides", *overrides(stage, target)]
    environment = {**os.environ, "SAM_CLI_TELEMETRY": "0"}
    return subprocess.run(
        [*command, *config, *chosen], cwd=packages.ROOT, env=environment, check=False
    ).returncode


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m local.deployment", description=__doc__)
    parser.add_argument("stage", nargs="?", choices=["staging", "production"])
    parser.add_argument("--runtime", default="python3.13")
    parser.add_argument("--architecture", default="arm64", choices=sorted(packages.MACHINES))
    parser.add_argument("--python", default="", help="the interpreter that compiles")
    asked = parser.parse_args()
    try:
        target = packages.on_aws(asked.runtime, asked.architecture, asked.python or asked.runtime)
        print(f"building for {target.runtime} on {target.architecture} ...", flush=True)
        if asked.stage is None:
            print(f"built: {packages.build(target, FOLDER)}")
            return 0
        return deploy(asked.stage, target)
    except packages.CannotBuild as error:
        print(error)
        return 1


if __name__ == "__main__":
    sys.exit(main())
