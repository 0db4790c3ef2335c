"""A machine to throw away: this one's Debian, booted with systemd, with a disk and a network of its own.

Its disk is this machine's, and what is written to it is in memory only. Its network is a loopback only. It needs root,
Debian's systemd, and a kernel that lets root mount and unshare; `missing()` says which of them is not there.
"""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SYSTEMD = Path("/lib/systemd/systemd")
CGROUPS = Path("/sys/fs/cgroup")
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
OURS = ("NEWSROOM_", "DATABASE_", "CACHE_URL", "DJANGO_", "VIRTUAL_ENV", "PYENV", "PYTHON", "XDG_")
BOOT = """
mount --make-rprivate /
mount -t tmpfs -o size=4g tmpfs "$1"  # gone with the machine, at once
cd "$1"
mkdir upper work root
mount -t overlay overlay -o lowerdir=/,upperdir=upper,workdir=work root
cd root
mount -t proc proc proc
mount -t sysfs -o ro sysfs sys
if [ -d /sys/fs/cgroup/systemd ]; then
  mount -t tmpfs -o mode=755 tmpfs sys/fs/cgroup
  mkdir sys/fs/cgroup/systemd sys/fs/cgroup/unified
  mount -t cgroup -o none,name=systemd cgroup sys/fs/cgroup/systemd
  mount -t cgroup2 cgroup2 sys/fs/cgroup/unified
else
  mount -t cgroup2 cgroup2 sys/fs/cgroup
fi
mount -t tmpfs -o mode=755 tmpfs dev
for device in null zero full random urandom tty; do
  touch "dev/$device"
  mount --bind "/dev/$device" "dev/$device"
done
mkdir dev/shm dev/pts
mount -t tmpfs tmpfs dev/shm
mount -t devpts -o newinstance,ptmxmode=0666 devpts dev/pts
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
mount -t tmpfs -o mode=755 tmpfs run
ln -s /dev/null etc/tmpfiles.d/tmp.conf  # which would empty /tmp
mount --bind proc/sys proc/sys
mount -o remount,bind,ro proc/sys
ln -sf /dev/null etc/systemd/system/systemd-modules-load.service
ip link set lo up
rm -f etc/systemd/system/*.wants/*.timer etc/systemd/system/multi-user.target.wants/*
mkdir old
pivot_root . old
exec env -i container=newsroom PATH="$PATH" bash -c "
  umount -l /old
  rmdir /old
  exec /lib/systemd/systemd --system --unit=multi-user.target --log-target=null --show-status=no
"
"""


def missing() -> str:
    """What this machine lacks to start another one; "" if nothing."""
    if os.geteuid() != 0:
        return "root"
    if not SYSTEMD.exists():
        return "systemd"
    for program in ("unshare", "nsenter", "pivot_root", "ip"):
        if not shutil.which(program):
            return program
    if "overlay" not in Path("/proc/filesystems").read_text():
        return "overlayfs"
    return ""


class Machine:
    """A running machine. `pid` is its first process's."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        kept = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
        self.environment = {**kept, "PATH": PATH, "HOME": "/root", "LANG": "C.UTF-8"}

    def run(self, command: str, online: bool = False, check: bool = True) -> "subprocess.CompletedProcess[str]":
        """Run a shell command as root, in its home; `online`: with this machine's network, to install packages."""
        enter = ["nsenter", "-t", str(self.pid), "--mount", "--uts", "--ipc", "--pid", *([] if online else ["--net"])]
        done = subprocess.run(
            [*enter, "bash", "-c", f"cd /root\n{command}"],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=600,
        )
        if check and done.returncode:
            raise RuntimeError(f"expected exit code 0, found {done.returncode}:\n{command}\nprinted:\n{done.stdout}")
        return done


@contextmanager
def booted() -> Iterator[Machine]:
    """A machine that has started. It and all that runs on it end with the block."""
    if lacks := missing():
        raise RuntimeError(f"{lacks} is not there")
    groups = [path / f"newsroom-{os.getpid()}" for path in controlled()]
    with tempfile.TemporaryDirectory(prefix="newsroom-machine-") as folder:
        for group in groups:
            group.mkdir()
        joining = "".join(f"echo $$ > {group}/cgroup.procs\n" for group in groups)
        unshare = "unshare --mount --net --pid --ipc --uts --cgroup --fork --kill-child"
        command = f"set -e\n{joining}exec {unshare} bash -ec '{BOOT.replace(chr(39), '')}' boot {folder}"
        environment = {**os.environ, "PATH": PATH}
        process = subprocess.Popen(["bash", "-c", command], env=environment, stderr=subprocess.PIPE, text=True)
        try:
            yield started(process)
        finally:
            process.kill()  # and with it its child, and with that one all that runs on the machine
            process.wait(timeout=60)
            remove(groups)


def controlled() -> list[Path]:
    """The folders of control groups that systemd makes its own in."""
    found = [path for path in (CGROUPS / "systemd", CGROUPS / "unified") if path.is_dir()]
    return found or [CGROUPS]


def started(process: "subprocess.Popen[str]") -> Machine:
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        if (child := children.read_text().split()) and Path(f"/proc/{child[0]}/comm").read_text() == "systemd\n":
            machine = Machine(int(child[0]))
            if machine.run("systemctl is-active multi-user.target", check=False).stdout == "active\n":
                return machine
        time.sleep(0.2)
    process.kill()
    raise RuntimeError(f"The machine did not start: {process.stderr.read() if process.stderr else ''}")


def remove(groups: list[Path]) -> None:
    deadline = time.monotonic() + 20
    for group in groups:
        while group.exists() and time.monotonic() < deadline:
            subprocess.run(["find", group, "-depth", "-type", "d", "-exec", "rmdir", "{}", ";"], check=False, stderr=-3)
            time.sleep(0.1)
