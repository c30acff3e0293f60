from pathlib import Path

from scorer.kernel.cgroups import Own, own_groups, unescaped

HYBRID = """\
24 1 0:20 / /sys/fs/cgroup rw - tmpfs tmpfs rw,mode=755
25 24 0:21 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory
26 24 0:22 / /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids
27 24 0:23 / /sys/fs/cgroup/cpu,cpuacct rw shared:7 - cgroup cgroup rw,cpu,cpuacct
28 24 0:24 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw
"""


def test_of_a_hybrid_system_the_hierarchies_with_controllers_are_used() -> None:
    memberships = "9:memory:/a/b\n8:pids:/\n7:cpu,cpuacct:/c\n1:name=systemd:/d\n0::/d\n"
    assert own_groups(memberships, HYBRID) == {
        "memory": Own(1, Path("/sys/fs/cgroup/memory/a/b"), False),
        "pids": Own(1, Path("/sys/fs/cgroup/pids"), True),
        "cpu": Own(1, Path("/sys/fs/cgroup/cpu,cpuacct/c"), False),
    }


def test_of_version_2_one_group_is_everything() -> None:
    mounts = "30 1 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw,nsdelegate\n"
    own = Own(2, Path("/sys/fs/cgroup/system.slice/scorer.service"), False)
    assert own_groups("0::/system.slice/scorer.service\n", mounts) == {"memory": own, "pids": own, "cpu": own}


def test_a_mount_may_show_part_of_a_hierarchy_under_a_name_with_spaces() -> None:
    mounts = "30 1 0:26 /docker/x /my\\040groups rw - cgroup2 cgroup2 rw\n"
    assert own_groups("0::/docker/x/y\n", mounts)["memory"].folder == Path("/my groups/y")
    assert own_groups("0::/docker/z\n", mounts) == {}
    assert unescaped("a\\134b") == "a\\b"


def test_without_mounts_there_are_no_groups() -> None:
    assert own_groups("4:memory:/\n0::/\n", "24 1 0:20 / /proc rw - proc proc rw\n") == {}
