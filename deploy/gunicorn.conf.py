"""How gunicorn runs Newsroom: gunicorn -c deploy/gunicorn.conf.py"""

import os
import resource

wsgi_app = "newsroom.wsgi"
bind = "127.0.0.1:8000"  # or as --bind says

# Requests are read, and answers sent, outside the threads, so slow clients take none: see newsroom/worker.py.
worker_class = "newsroom.worker.BufferingWorker"
workers = int(os.environ.get("WEB_CONCURRENCY", (os.cpu_count() or 1) + 1))
threads = 4
worker_connections = 4000  # clients of one worker at the same time
keepalive = 15  # seconds: a proxy keeps its connections for the next request

timeout = 60  # seconds until a worker that gives no sign of life is replaced
graceful_timeout = 20
max_requests = 10_000  # then a worker is replaced, against slow leaks
max_requests_jitter = 2_000  # but not all of them at once
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108 (a disk that hangs must not look like a dead worker)

limit_request_line = 4094  # bytes
limit_request_fields = 64
limit_request_field_size = 8190  # bytes

# Newsroom reads X-Forwarded-Proto and X-Forwarded-For itself.
forwarded_allow_ips = ""
secure_scheme_headers = {}

control_socket_disable = True  # workers are told what to do by signals
errorlog = "-"

# Each client that waits is an open file.
soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
