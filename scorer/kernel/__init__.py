"""What confined processes need of the kernel: system calls that Python lacks, Landlock, seccomp.

The sandbox's guest imports it in a bare interpreter, so everything here needs the standard library only.
"""
