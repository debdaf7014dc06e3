# The rows of `bench`. Input: the readings as `bench` collected them.
include "statistics";

def start_rows($readings; $where):
    ($readings.times | net("c-exit")) as $c_exit
    | row("C monitor, exec to exit, ready.bin"; "ms"; $c_exit; null; null; $where) as $c
    | row("C monitor, exec to first port write"; "ms"; $readings.c_ready; null; null; $where) as $c_ready
    | row("apus-vmm, exec to first port write"; "ms"; $readings.apus_ready; $c_ready; {ratio: 1.3}; $where),
      $c_ready,
      row("apus-vmm, exec to exit, ready.bin"; "ms"; $readings.times | net("apus-exit"); $c; {ratio: 1.3}; $where),
      $c,
      row("QEMU microvm, exec to its end at the first port write"; "ms"; $readings.times | net("qemu-exit"); $c; null; $where);

def boot_rows($readings; $where):
    row("crun run true"; "ms"; $readings.times | net("crun"); null; null; $where) as $crun
    | row("apus-vmm, tiny guest, exec to guest_ready"; "ms"; $readings.apus_ready; null; {value: 45}; $where),
      row("apus boot, tiny guest, exec to exit"; "ms"; $readings.times | net("apus-boot"); $crun; {ratio: 0.6}; $where),
      $crun,
      row("runc run true"; "ms"; $readings.times | net("runc"); $crun; null; $where),
      row("QEMU microvm, same guest, exec to its end at guest_ready"; "ms"; $readings.times | net("qemu-ready"); $crun; null; $where);

def size_rows($readings; $where):
    row("apus-vmm, private memory besides guest RAM, by its own report at the end"; "KiB"; $readings.apus_private_kib; null; {value: 1024}; $where),
    row("apus-vmm, the same from outside, guest asleep"; "KiB"; [$readings.memory | map(.private_bytes) | add / 1024]; null; {value: 1024}; $where),
    row("apus-vmm, stripped static binary"; "kB"; [$readings.binary_bytes / 1000]; null; {value: 1000}; "file size");

(if .direct then start_rows(.direct; .where_direct) else empty end),
start_rows(.process; .where_lab + ", cgroups favour changes"),
boot_rows(.boot; .where_lab),
size_rows(.boot + {binary_bytes}; .where_lab)
