"""A certificate authority of our own, and certificates for every way in which a server's certificate can be wrong."""
import os
import subprocess

HERE = "subjectAltName=DNS:localhost,IP:127.0.0.1\nextendedKeyUsage=serverAuth\n"
# name: (subject, extensions, first day, last day); without dates: valid for ten years
KINDS = {
    "good": ("localhost", HERE, None, None),
    "wrong-name": ("mail.wrong.example", "subjectAltName=DNS:mail.wrong.example\nextendedKeyUsage=serverAuth\n", None, None),
    "expired": ("localhost", HERE, "20150101000000Z", "20160101000000Z"),
}
CA_CONF = """[ca]
default_ca = here
[here]
dir = .
database = index.txt
new_certs_dir = .
serial = serial
default_md = sha256
policy = any
unique_subject = no
[any]
commonName = supplied
"""


def _openssl(folder, *arguments):
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, stdin=subprocess.DEVNULL, capture_output=True)


def _write(folder, name, text):
    with open(os.path.join(folder, name), "w") as f:
        f.write(text)


def _new_key(name):
    return ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", name + ".key"]


def make_certificates(folder):
    """Writes ca.pem and, for each kind (good, wrong-name, expired, self-signed), KIND.pem and KIND.key into folder, which is
    created. Does nothing where they exist."""
    if os.path.exists(os.path.join(folder, "complete")):
        return
    os.makedirs(folder, exist_ok=True)
    _write(folder, "ca.conf", CA_CONF)
    _write(folder, "index.txt", "")
    _write(folder, "serial", "1000\n")
    _openssl(folder, "req", "-x509", *_new_key("ca"), "-days", "3650", "-subj", "/CN=fortnight test authority", "-out", "ca.pem")
    for name, (subject, extensions, first, last) in KINDS.items():
        _write(folder, name + ".ext", extensions)
        _openssl(folder, "req", *_new_key(name), "-subj", "/CN=" + subject, "-out", name + ".csr")
        dates = ["-startdate", first, "-enddate", last] if first else ["-days", "3650"]
        _openssl(folder, "ca", "-batch", "-notext", "-config", "ca.conf", "-cert", "ca.pem", "-keyfile", "ca.key",
                 "-extfile", name + ".ext", *dates, "-in", name + ".csr", "-out", name + ".pem")
    _openssl(folder, "req", "-x509", *_new_key("self-signed"), "-days", "3650", "-subj", "/CN=localhost",
             "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-out", "self-signed.pem")
    for name in os.listdir(folder):
        os.chmod(os.path.join(folder, name), 0o644)  # test keys: the servers' account reads them
    _write(folder, "complete", "")
