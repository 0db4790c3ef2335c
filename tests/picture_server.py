"""A server of good, broken and hostile pictures, on this machine only; and those pictures."""

import io
import ssl
import threading
import time
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from PIL import Image

SEEN = "Seen by nobody"  # what stands in metadata


def encoded(picture, form="JPEG", **options):
    file = io.BytesIO()
    picture.save(file, form, **options)
    return file.getvalue()


def decoded(data):
    picture = Image.open(io.BytesIO(data))
    picture.load()
    return picture


def good(width=400, height=300, form="JPEG", colour=(170, 34, 34), **options):
    return encoded(Image.new("RGB", (width, height), colour), form, **options)


def held_sideways():
    """400 x 300 in the file, 300 x 400 as it was held, and where that was."""
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010E] = SEEN
    exif.get_ifd(0x8825)[1] = "N"
    exif.get_ifd(0x8825)[2] = (48.0, 12.0, 30.0)
    return good(exif=exif, comment=SEEN.encode())


def pictures():
    """Pictures that are shown, by what is special in them."""
    noise = Image.effect_noise((400, 300), 60)
    frames = [Image.new("P", (400, 300), number) for number in range(3)]
    palette = noise.convert("RGB").quantize(16)
    return {
        "jpeg": good(),
        "png": good(form="PNG"),
        "webp": good(form="WEBP"),
        "avif": good(form="AVIF"),
        "gif": good(form="GIF"),
        "cmyk": encoded(noise.convert("CMYK")),
        "grey": encoded(noise),
        "16-bit": encoded(noise.convert("I;16"), "PNG"),
        "clear": encoded(Image.new("RGBA", (400, 300), (0, 90, 90, 128)), "PNG"),
        "clear webp": encoded(Image.new("RGBA", (400, 300), (0, 90, 90, 128)), "WEBP", lossless=True),
        "palette": encoded(palette, "PNG", transparency=0),
        "animated": encoded(frames[0], "GIF", save_all=True, append_images=frames[1:]),
        "animated webp": encoded(noise.convert("RGB"), "WEBP", save_all=True, append_images=[noise.convert("RGB")] * 2),
        "one bit": encoded(noise.convert("1"), "PNG"),
        "sideways": held_sideways(),
        "polyglot": good() + b"<script>alert(1)</script>PK\x03\x04",
        "broken profile": good(icc_profile=b"no profile"),
    }


def no_pictures():
    """What must never be shown."""
    noise = Image.effect_noise((400, 300), 60).convert("RGB")
    bomb = encoded(Image.new("1", (20_000, 20_000)), "PNG")
    return {
        "nothing": b"",
        "page": b"<!doctype html><title>Not found</title>",
        "svg": b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><script>alert(1)</script></svg>',
        "half jpeg": encoded(noise)[:9_000],
        "half png": encoded(noise, "PNG")[:9_000],
        "half webp": encoded(noise, "WEBP")[:4_000],
        "half avif": encoded(noise, "AVIF")[:4_000],
        "half gif": encoded(noise, "GIF")[:9_000],
        "bomb": bomb,
        "larger than it may be": encoded(Image.new("L", (6_501, 4_000)), "JPEG"),
        "long": encoded(Image.new("1", (16_001, 8)), "PNG"),
        "counter": good(1, 1, "GIF"),
        "bitmap": good(form="BMP"),
        "tiff": good(form="TIFF"),
        "eps": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
    }


class Handler(BaseHTTPRequestHandler):
    """Answers /<name> as the site's `answers` say: a function of this, or bytes of a picture."""

    def do_GET(self):
        self.server.asked.append(self.path)
        with suppress(OSError):
            answer = self.server.answers.get(self.path.lstrip("/"))
            answer(self) if callable(answer) else self.picture(answer) if answer is not None else self.send_error(404)

    def picture(self, data, kind="image/jpeg", length=None):
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data) if length is None else length))
        self.end_headers()
        self.wfile.write(data)

    def redirect(self, where):
        self.send_response(302)
        self.send_header("Location", where)
        self.end_headers()

    def drip(self, head, drop=b"x", seconds=0.1):
        self.wfile.write(head)
        while True:
            self.wfile.write(drop)
            time.sleep(seconds)

    def log_message(self, *arguments):
        pass


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\n"
BAD = {  # answers, and the reason that is told; those that are slow go on until the client hangs up
    "missing": (lambda h: h.send_error(404), "status 404"),
    "page": (lambda h: h.picture(b"<title>Not here</title>", "text/html"), "'text/html'"),
    "svg": (lambda h: h.picture(b"<svg/>", "image/svg+xml"), "'image/svg"),
    "no type": (lambda h: h.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"), "'text/plain'"),
    "slow status": (lambda h: h.drip(b"HTTP/1.1 2"), "longer than"),
    "slow header": (lambda h: h.drip(HEAD + b"X-Slow: "), "longer than"),
    "slow body": (lambda h: h.drip(HEAD + b"\r\n"), "longer than"),
    "slow chunks": (lambda h: h.drip(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"), "longer than"),
    "silent": (lambda h: h.rfile.read(), "longer than"),
    "only promises": (lambda h: h.drip(b"", b"HTTP/1.1 100 Continue\r\n\r\n"), "longer than"),
    "huge": (lambda h: h.picture(b"x", length=10**12), "larger than"),
    "endless": (lambda h: h.drip(HEAD + b"\r\n", b"x" * 1_000_000, 0), "larger than"),
    "endless chunks": (
        lambda h: h.drip(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"fffff\r\n" + b"x" * 0xFFFFF + b"\r\n", 0),
        "larger than",
    ),
    "endless header": (lambda h: h.drip(HEAD + b"X-Long: ", b"x" * 100_000, 0), "could not be talked to"),
    "many headers": (lambda h: h.drip(HEAD, b"X-Many: x\r\n" * 1_000, 0), "could not be talked to"),
    "short": (lambda h: h.picture(good(), length=10**6), "was truncated"),
    "compressed": (lambda h: h.wfile.write(HEAD + b"Content-Encoding: gzip\r\n\r\nx"), "compressed"),
    "nonsense": (lambda h: h.wfile.write(b"\x00\x01\x02\r\n\r\n"), "could not be talked to"),
    "hangs up": (lambda h: None, "could not be talked to"),
    "loop": (lambda h: h.redirect("/x"), "redirects more than 3"),
    "to a file": (lambda h: h.redirect("file:///etc/passwd"), "http or https"),
    "to a user": (lambda h: h.redirect("http://user:password@127.0.0.1/"), "user's name"),
    "to this machine": (lambda h: h.redirect("http://127.0.0.1/"), "not a public address"),
    "to another port": (lambda h: h.redirect("http://localhost:1/"), "not a public address"),
    "to metadata": (lambda h: h.redirect("http://169.254.169.254/latest/"), "not a public address"),
    "to nowhere": (lambda h: h.redirect("http://[::1/"), "could not be talked to"),
}


@contextmanager
def serving(answers, certificate=None):
    """A server with those answers; `asked` are the paths that it was asked for, `url` is where it is.

    With a file of a certificate and its key it speaks TLS.
    """
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.answers, server.asked = answers, []
    server.url = f"{'https' if certificate else 'http'}://127.0.0.1:{server.server_port}"
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    server.allowed = frozenset({("127.0.0.1", server.server_port)})
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.socket.close()
