#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
#
# ci-jobs.py FILE DIR: the shell of each job that a CI would make of this recipe, of GitHub Actions or GitLab, as DIR/1, DIR/2 ...

import re
import sys

import yaml


def github(recipe):
    (job,) = recipe["jobs"].values()
    ((name, values),) = job["strategy"]["matrix"].items()
    for value in values:
        known = {f"matrix.{name}": value, "strategy.job-total": len(values)}
        shell = "".join(step["run"] + "\n" for step in job["steps"] if "run" in step)
        yield re.sub(r"\$\{\{ *([^ }]+) *\}\}", lambda m: str(known[m[1]]), shell)


def gitlab(recipe):
    (job,) = recipe.values()
    total = job["parallel"]
    for index in range(1, total + 1):
        yield "\n".join([f"CI_NODE_INDEX={index} CI_NODE_TOTAL={total}"] + job["script"]) + "\n"


with open(sys.argv[1], encoding="utf-8") as file:
    recipe = yaml.safe_load(file)
for number, shell in enumerate(github(recipe) if "jobs" in recipe else gitlab(recipe), 1):
    with open(f"{sys.argv[2]}/{number}", "w", encoding="utf-8") as file:
        file.write(shell)
