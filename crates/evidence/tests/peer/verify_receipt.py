#!/usr/bin/env python3
"""Verifies Countersign receipts without any of Countersign's code.

Written from the format documents alone: C2SP signed-note, tlog-checkpoint and tlog-proof, RFC 6962 (tree), RFC 8785
(canonical JSON), and one page of our own:

    extra  = canonical JSON {"entry": <event object>, "salt": <base64 of 16 bytes>}
    leaf   = SHA-256("countersign.entry.v1\\n" || salt || canonical JSON of the event)

Needs Python 3.9 or later and the package `cryptography`, for Ed25519.

    verify_receipt.py KEYFILE RECEIPT...

Prints one line of JSON per receipt that verifies; the reason otherwise, and ends with status 1.
"""

import base64
import binascii
import hashlib
import json
import re
import sys

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

INTEGER_MAX = 2**53 - 1
DECIMAL = re.compile(r"0|[1-9][0-9]{0,19}")


class Refused(Exception):
    """The receipt proves nothing, and why."""


def need(condition, reason):
    if not condition:
        raise Refused(reason)


def base64_strict(text):
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Refused("not base64") from None
    need(base64.b64encode(data).decode() == text, "base64 in another spelling")
    return data


def decimal_strict(text):
    need(DECIMAL.fullmatch(text), "not a plain decimal number")
    need(int(text) < 2**64, "number too large")
    return int(text)


def canonical(value):
    """RFC 8785, for values whose numbers are integers."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, int):
        need(abs(value) <= INTEGER_MAX, "integer too large")
        return str(value)
    if isinstance(value, str):
        # Python escapes the same characters in the same way, once it is told to leave the others alone.
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, list):
        return "[" + ",".join(canonical(item) for item in value) + "]"
    if isinstance(value, dict):
        names = sorted(value, key=lambda name: name.encode("utf-16-be"))
        return "{" + ",".join(canonical(name) + ":" + canonical(value[name]) for name in names) + "}"
    raise Refused("a number that is not an integer")


def parse_key(text):
    name, key_id, encoded = text.split("+", 2)
    typed = base64_strict(encoded)
    need(typed[:1] == b"\x01" and len(typed) == 33, "not an Ed25519 key")
    expected = hashlib.sha256(name.encode() + b"\n" + typed).digest()[:4]
    need(expected.hex() == key_id, "the key id does not belong to the key")
    return name, expected, Ed25519PublicKey.from_public_bytes(typed[1:])


def open_checkpoint(text, key):
    """Origin, size and root of a checkpoint that the log's key signed, and nobody else."""
    key_name, key_id, public = key
    need(not any(ord(character) < 32 and character != "\n" for character in text), "control character")
    body, blank, lines = text.rpartition("\n\n")
    need(blank and lines.endswith("\n"), "not a signed note")
    body += "\n"
    lines = lines[:-1].split("\n")
    need(len(lines) == 1, "a receipt has one signature")
    dash, name, encoded = (lines[0].split(" ") + ["", ""])[:3]
    need(lines[0].count(" ") == 2 and dash == "\u2014", "not a signature line")
    signature = base64_strict(encoded)
    need(name == key_name and signature[:4] == key_id, "not signed by this log")
    try:
        public.verify(signature[4:], body.encode())
    except InvalidSignature:
        raise Refused("the signature of the checkpoint is wrong") from None

    fields = body[:-1].split("\n")
    need(len(fields) >= 3 and all(fields), "not a checkpoint")
    root = base64_strict(fields[2])
    need(len(root) == 32, "the root is not a hash")
    need(fields[0] == key_name, "the checkpoint of another log")
    return fields[0], decimal_strict(fields[1]), root


def node(left, right):
    return hashlib.sha256(b"\x01" + left + right).digest()


def root_of(leaf, index, size, path):
    """Follows PATH(m, D[n]) of RFC 6962 section 2.1.1 from the top: which half, and what stands beside it."""
    if size == 1:
        need(not path, "the proof is too long")
        return leaf
    need(path, "the proof is too short")
    middle = 1 << ((size - 1).bit_length() - 1)
    if index < middle:
        return node(root_of(leaf, index, middle, path[:-1]), path[-1])
    return node(path[-1], root_of(leaf, index - middle, size - middle, path[:-1]))


def verify(data, key):
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise Refused("not UTF-8") from None
    head, blank, checkpoint = text.partition("\n\n")
    need(blank, "no checkpoint")
    lines = head.split("\n")
    need(lines[0] == "c2sp.org/tlog-proof@v1", "not a proof file")
    need(len(lines) >= 3 and lines[1].startswith("extra ") and lines[2].startswith("index "), "no event or index")
    index = decimal_strict(lines[2][len("index "):])
    path = [base64_strict(line) for line in lines[3:]]
    need(len(path) <= 64 and all(len(item) == 32 for item in path), "the proof is not made of hashes")

    origin, size, root = open_checkpoint(checkpoint, key)

    extra = base64_strict(lines[1][len("extra "):])
    try:
        carried = json.loads(extra)
    except (ValueError, RecursionError):
        raise Refused("the extra data is not JSON") from None
    need(canonical(carried).encode() == extra, "the extra data is not canonical")
    need(isinstance(carried, dict) and set(carried) == {"entry", "salt"}, "not one event and its salt")
    event, salt = carried["entry"], carried["salt"]
    need(isinstance(event, dict) and isinstance(salt, str), "not one event and its salt")
    salt = base64_strict(salt)
    need(len(salt) == 16, "the salt does not have 16 bytes")

    commitment = hashlib.sha256(b"countersign.entry.v1\n" + salt + canonical(event).encode()).digest()
    leaf = hashlib.sha256(b"\x00" + commitment).digest()
    need(index < size, "the index is not below the size")
    need(root_of(leaf, index, size, path) == root, "the event is not in the log at that place")
    return {"origin": origin, "size": size, "index": index, "event": event}


def main(arguments):
    if len(arguments) < 2:
        print("usage: verify_receipt.py KEYFILE RECEIPT...", file=sys.stderr)
        return 2
    with open(arguments[0], encoding="utf-8") as file:
        key = parse_key(file.read().rstrip("\n"))
    status = 0
    for name in arguments[1:]:
        with open(name, "rb") as file:
            data = file.read()
        try:
            print(f"{name}: verified {canonical(verify(data, key))}")
        except Refused as reason:
            print(f"{name}: REFUSED, {reason}")
            status = 1
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
