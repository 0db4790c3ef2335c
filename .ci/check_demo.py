"""Runs the README's first command as printed, in the clone it stands in, and looks at what it serves.

The front page must answer with the sample articles within 90 seconds of the start of `manage.py demo` (the
time before it is the network's), and an editor must get in with the printed password.
"""

import http.cookiejar
import os
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.parse
import urllib.request

ADDRESS = "http://localhost:8000"
LIMIT = 90  # seconds


def main(command):
    process = subprocess.Popen(
        ["bash", "-c", command],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    printed = []
    threading.Thread(target=lambda: printed.extend(iter(process.stdout.readline, "")), daemon=True).start()
    try:
        wait(process, printed, "Sample articles: ", 600)
        started = time.monotonic()
        wait(process, printed, "Quit the server", LIMIT)
        page = get("/").decode()
        print(f"The front page answered {time.monotonic() - started:.1f} s after the samples were in.")
        assert page.count('class="card"') == 30, "The front page does not have 30 cards."
        log_in(re.search(r"Password \(shown this once\): (\S+)", "".join(printed))[1])
    finally:
        print("".join(printed))
        os.killpg(process.pid, signal.SIGTERM)


def wait(process, printed, text, seconds):
    deadline = time.monotonic() + seconds
    while not any(text in line for line in printed):
        if process.poll() is not None or time.monotonic() > deadline:
            sys.exit(f"Expected the demo to print {text!r}; it did not.")
        time.sleep(0.1)


def get(path, opener=urllib.request):
    return (opener.open if opener is not urllib.request else opener.urlopen)(ADDRESS + path, timeout=LIMIT).read()


def log_in(password):
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', get("/admin/login/", opener).decode())[1]
    form = {
        "username": "editor",
        "password": password,
        "csrfmiddlewaretoken": token,
        "next": "/admin/articles/article/",
    }
    page = opener.open(f"{ADDRESS}/admin/login/", urllib.parse.urlencode(form).encode(), timeout=LIMIT).read().decode()
    assert 'id="result_list"' in page, "The editor did not get to the list of articles."
    print("The editor logged in and sees the articles.")


if __name__ == "__main__":
    main(sys.argv[1])
