"""Links and forms that anybody may use, for a while."""

import time
import urllib.error
import urllib.request
from typing import Dict, Optional, Tuple

import boto3
from botocore.config import Config

from checks import check, equal
from world import BUCKET, client, s3, sts

KEY = {"Bucket": BUCKET, "Key": "presigned/a b&c.txt"}
s3.put_object(**KEY, Body=b"presigned")
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def request(
    url: str, method: str = "GET", body: Optional[bytes] = None, headers: Optional[Dict[str, str]] = None
) -> Tuple[int, bytes]:
    try:
        answer = opener.open(urllib.request.Request(url, data=body, method=method, headers=headers or {}), timeout=20)
    except urllib.error.HTTPError as error:
        return error.code, error.read()
    return answer.status, answer.read()


def is_refused(answer: Tuple[int, bytes], code: str, status: int = 403) -> None:
    equal([answer[0], f"<Code>{code}</Code>" in answer[1].decode()], [status, True])


def presign(operation: str = "get_object", seconds: int = 60, **more: str) -> str:
    return s3.generate_presigned_url(operation, Params={**KEY, **more}, ExpiresIn=seconds)


@check("a presigned GET serves, also in ranges and with other answer headers")
def _() -> None:
    equal(request(presign()), (200, b"presigned"))
    equal(request(presign(), headers={"Range": "bytes=0-2"}), (206, b"pre"))
    answer = opener.open(presign(ResponseContentType="video/mp4"), timeout=20)
    equal(answer.headers["content-type"], "video/mp4")


@check("a presigned HEAD serves; a link for GET does not do for HEAD")
def _() -> None:
    equal(request(presign("head_object"), "HEAD")[0], 200)
    equal(request(presign(), "HEAD")[0], 403)


@check("a tampered link is refused: key, lifetime, signature, a parameter more")
def _() -> None:
    url = presign()
    is_refused(request(url.replace("presigned/", "presigned/x")), "SignatureDoesNotMatch")
    is_refused(request(url.replace("Expires=60", "Expires=61")), "SignatureDoesNotMatch")
    is_refused(request(url[:-1] + ("0" if url[-1] != "0" else "1")), "SignatureDoesNotMatch")
    is_refused(request(f"{url}&response-content-type=text/html"), "SignatureDoesNotMatch")


@check("an expired link is refused")
def _() -> None:
    url = presign(seconds=1)
    time.sleep(2.1)
    is_refused(request(url), "AccessDenied")


@check("a link for longer than seven days is refused")
def _() -> None:
    is_refused(request(presign(seconds=604_801)), "AuthorizationQueryParametersError", 400)


@check("a link signed with an unknown key or a wrong secret is refused")
def _() -> None:
    stranger = client("s3", aws_access_key_id="AKIAIOSFODNN7EXAMPLE", aws_secret_access_key="no")
    is_refused(request(stranger.generate_presigned_url("get_object", Params=KEY)), "InvalidAccessKeyId")
    guesser = client("s3", aws_secret_access_key="no", aws_access_key_id=s3._request_signer._credentials.access_key)
    is_refused(request(guesser.generate_presigned_url("get_object", Params=KEY)), "SignatureDoesNotMatch")


@check("a link signed as of 2006 is refused")
def _() -> None:
    old = boto3.client("s3", config=Config(signature_version="s3"))
    url = old.generate_presigned_url("get_object", Params=KEY)
    equal("AWSAccessKeyId=" in url, True)
    is_refused(request(url), "AccessDenied")


@check("a link signed with temporary credentials works, without its token it does not")
def _() -> None:
    role = sts.assume_role(RoleArn="arn:aws:iam::123456789012:role/reader", RoleSessionName="conformance")["Credentials"]
    temporary = client(
        "s3",
        aws_access_key_id=role["AccessKeyId"],
        aws_secret_access_key=role["SecretAccessKey"],
        aws_session_token=role["SessionToken"],
    )
    url = temporary.generate_presigned_url("get_object", Params=KEY)
    equal(request(url), (200, b"presigned"))
    equal(request(url.replace("X-Amz-Security-Token", "X-Amz-Security-Nothing"))[0], 403)


@check("a presigned PUT stores, and its signed headers must be sent")
def _() -> None:
    url = presign("put_object", ContentType="video/mp4")
    is_refused(request(url, "PUT", b"put", {"Content-Type": "text/html"}), "SignatureDoesNotMatch")
    equal(request(url, "PUT", b"put", {"Content-Type": "video/mp4"})[0], 200)
    got = s3.get_object(**KEY)
    equal([got["Body"].read(), got["ContentType"]], [b"put", "video/mp4"])


@check("a form POST, which the sandbox does not do, is refused by a status that says so")
def _() -> None:
    form = s3.generate_presigned_post(BUCKET, "presigned/post")
    boundary = "----form"
    fields = {**form["fields"], "file": "bytes"}
    body = "".join(
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in fields.items()
    )
    headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
    status, _text = request(form["url"], "POST", f"{body}--{boundary}--\r\n".encode(), headers)
    equal(status in (403, 405, 501), True)
