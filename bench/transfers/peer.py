"""The peers of an upload. Arguments: which one, bucket, key, and a path or URL.

Prints the seconds of the transfer, and the processor seconds and the peak memory of the process.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
import urllib.request


def boto3_file(bucket, key, path):
    """boto3 as its documentation shows it."""
    import boto3

    client = boto3.client("s3")
    started = time.monotonic()
    client.upload_file(path, bucket, key)
    return time.monotonic() - started


def tutorial(bucket, key, url):
    """The tutorial's way: the whole download in memory, then a file, then boto3."""
    import boto3

    client = boto3.client("s3")
    started = time.monotonic()
    with tempfile.NamedTemporaryFile(dir=os.environ["BENCH_FOLDER"]) as file:
        with urllib.request.urlopen(url) as response:
            file.write(response.read())
        file.flush()
        client.upload_file(file.name, bucket, key)
        return time.monotonic() - started


def aws_cli(bucket, key, path):
    started = time.monotonic()
    command = [sys.executable, "-m", "awscli", "s3", "cp", "--quiet", path, f"s3://{bucket}/{key}"]
    subprocess.run(command, check=True)
    return time.monotonic() - started


name, *arguments = sys.argv[1:]
seconds = {"boto3": boto3_file, "tutorial": tutorial, "aws": aws_cli}[name](*arguments)
usage = resource.getrusage(resource.RUSAGE_CHILDREN if name == "aws" else resource.RUSAGE_SELF)
print(json.dumps({"seconds": seconds, "cpuSeconds": usage.ru_utime + usage.ru_stime, "peakMib": usage.ru_maxrss / 1024}))
