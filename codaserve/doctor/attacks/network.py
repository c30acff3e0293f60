"""Programs that reach for the network, the host's ports and sockets."""

# One attack a line, however long.
# ruff: noqa: E501
from codaserve.doctor.attack import Attack
from codaserve.doctor.prelude import CALL, REPORT
from codaserve.v1 import scorer_pb2 as pb

GROUP = "network"
LAYERS = ("seccomp", "network_namespace", "landlock")
SOCKET = REPORT + "import socket\nsocket.setdefaulttimeout(2)\n"
SEVERAL = pb.RunLimits(cpu_seconds=2, wall_seconds=8, processes=8)
# A refused connection means that the packet was sent and answered: the port was reached for.
TCP = (
    SOCKET
    + "def reach(host, port):\n    try: socket.create_connection((host, port), 2).close()\n    except ConnectionRefusedError: return f'{host}:{port} refused the connection, so it was asked'\n    return f'connected to {host}:{port}'\n"
)


def _try(name: str, tries: str, source: str, *, listener: bool = False) -> Attack:
    return Attack(GROUP, name, tries, source, layers=LAYERS, needs_listener=listener)


def _family(name: str, number: int, kind: int = 3, protocol: int = 0) -> Attack:
    source = SOCKET + f"attempt(lambda: socket.socket({number}, {kind}, {protocol}).close() or 'a socket')"
    return _try(f"{name} socket", f"open a {name} socket", source)


ATTACKS = (
    _try("the scorer's own port", "connect to the scorer", TCP + "attempt(lambda: reach('@HOST@', @PORT@), lambda: reach('127.0.0.1', @PORT@), lambda: reach('::1', @PORT@))"),
    _try("a listener on the host", "connect to a port of the host that listens", TCP + "attempt(lambda: reach('127.0.0.1', @LISTENER@))", listener=True),
    _try("a datagram to the host", "send a datagram to a port of the host that listens", SOCKET + "attempt(lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'@TOKEN@', ('127.0.0.1', @LISTENER@)))", listener=True),
    _try("an abstract socket of the host", "connect to a socket of the host that has an abstract name", SOCKET + "def reach():\n    s = socket.socket(socket.AF_UNIX)\n    s.connect('\\0@LISTENER_PATH@')\n    return 'connected'\nattempt(reach)", listener=True),
    _try("a socket file of the host", "connect to a socket of the host that lies in a folder", SOCKET + "def reach():\n    s = socket.socket(socket.AF_UNIX)\n    s.connect('/tmp/@LISTENER_PATH@')\n    return 'connected'\nattempt(reach)", listener=True),
    _try("a file of the host", "read a file that everybody may read", REPORT + "attempt(lambda: open('/tmp/@LISTENER_PATH@.txt').read(), lambda: os.listdir('/proc/1/root/tmp'))", listener=True),
    _try("common ports", "connect to ports of the host on which services are common", TCP + "attempt(*[lambda p=p: reach('127.0.0.1', p) for p in (22, 25, 53, 80, 443, 2375, 3306, 5432, 6379, 8080, 9090, 10250, 50051)])"),
    _try("metadata of the cloud", "connect to the address at which clouds give credentials", TCP + "attempt(lambda: reach('169.254.169.254', 80), lambda: reach('169.254.170.2', 80))"),
    _try("the internet", "connect to addresses of the internet", TCP + "attempt(lambda: reach('1.1.1.1', 443), lambda: reach('8.8.8.8', 53))"),
    _try("names", "have a name resolved", SOCKET + "try: found = socket.getaddrinfo('example.com', 80)\nexcept OSError as error: held(type(error).__name__)\nbreach(f'resolved to {found[0][4]}')"),
    _try("a name server", "send a question to a name server by itself", SOCKET + "attempt(lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'\\x12\\x34\\x01\\0\\0\\x01\\0\\0\\0\\0\\0\\0\\x07example\\x03com\\0\\0\\x01\\0\\x01', ('8.8.8.8', 53)))"),
    _try("IPv6", "send a datagram by IPv6", SOCKET + "attempt(lambda: socket.socket(socket.AF_INET6, socket.SOCK_DGRAM).sendto(b'x', ('2001:4860:4860::8888', 53)), lambda: socket.create_connection(('2606:4700:4700::1111', 443), 2))"),
    _try("fast open", "send in the first packet, without connecting", SOCKET + "attempt(lambda: socket.socket().sendto(b'x', 0x20000000, ('127.0.0.1', @PORT@)))"),
    _try("listening", "listen on a port", SOCKET + "def listen():\n    s = socket.socket()\n    s.bind(('0.0.0.0', 0))\n    s.listen()\n    return s.getsockname()\nattempt(listen)"),
    _try("system services", "connect to sockets of the container runtime, the bus and others", SOCKET + "def reach(path):\n    s = socket.socket(socket.AF_UNIX)\n    s.connect(path)\n    return path\nattempt(*[lambda p=p: reach(p) for p in ('/var/run/docker.sock', '/run/containerd/containerd.sock', '/run/podman/podman.sock', '/run/dbus/system_bus_socket', '/run/systemd/journal/socket', '/dev/log', '/tmp/.X11-unix/X0', '\\0/tmp/.X11-unix/X0')])"),
    _family("netlink", 16),
    _family("packet", 17, 3, 768),
    _family("raw", 2, 3, 1),
    _family("vsock", 40, 1),
    _family("kernel crypto", 38, 5),
    _family("bluetooth", 31, 3, 1),
    _family("XDP", 44),
    _try("a pair of datagram sockets", "get a socket that can be sent to any name", SOCKET + "def use():\n    a, b = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)\n    a.sendto(b'x', '\\0@LISTENER_PATH@.datagrams')\n    return 'sent'\nattempt(use)", listener=True),
    _try("asking for a socket by number", "open a socket past the C library", CALL + "refused(syscall(41, 198, 2, 1, 0), errno.EAFNOSUPPORT)"),
    _try("inherited sockets", "talk on sockets that were left open", REPORT + "import socket\nfor descriptor in range(3, 256):\n    try: s = socket.socket(fileno=descriptor)\n    except OSError: continue\n    try: kind, name = s.family, s.getpeername() or s.getsockname()\n    except OSError: continue\n    if kind != socket.AF_UNIX: breach(f'descriptor {descriptor} is connected to {name}')\n    if name: breach(f'descriptor {descriptor} is connected to {name}')\nheld('no connected socket')"),
    Attack(GROUP, "tree: bash and its /dev/tcp", "connect from a shell", SOCKET + "import subprocess\ntry: done = subprocess.run(['bash', '-c', 'exec 3<>/dev/tcp/127.0.0.1/@PORT@ && echo connected'], capture_output=True, timeout=5)\nexcept (OSError, subprocess.SubprocessError) as error: held(type(error).__name__)\nif b'connected' in done.stdout or b'refused' in done.stderr.lower(): breach('a shell reached the port')\nheld('the shell was refused')", layers=LAYERS, profile=pb.PROFILE_PROC, limits=SEVERAL),
)  # fmt: skip
