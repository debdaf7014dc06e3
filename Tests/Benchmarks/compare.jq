# The table of `compare`. Input: the readings as `compare` collected them; output: rows of tab-separated cells.
include "statistics";

def time($name): .times | net($name) | "\(median | rounded(1)) ms (\(min | rounded(1))…\(p95 | rounded(1)))";
def kib: "\(. / 1024 | round) KiB";
def outside: map(.private_bytes) | add;
# The runtime's processes and the program's own, told apart by the program's name.
def runtime: map(select(.process != "sleep").private_bytes) | add;
def payload: map(select(.process == "sleep").private_bytes) | add;
def megabytes: "\(. / 1e6 | rounded(1)) MB";

["", "apus boot (tiny)", "crun run", "runc run"],
["start to `true` done: median (min…p95)", time("apus"), time("crun"), time("runc")],
["kernel release seen outside", .release.host, .release.host, .release.host],
["kernel release seen inside", .release.apus, .release.crun, .release.runc],
["private memory of the runtime beside one sleeping program", (.memory.apus | outside | kib), (.memory.crun | runtime | kib), (.memory.runc | runtime | kib)],
["private memory of the program (a guest's: all of its RAM that it touched)", (.memory.apus | map(.guest_bytes) | add | kib), (.memory.crun | payload | kib), (.memory.runc | payload | kib)],
["  of which processes", (.memory.apus | map(.process) | join(" ")), (.memory.crun | map(.process) | join(" ")), (.memory.runc | map(.process) | join(" "))],
["runtime on disk", ((.size.apus + .size.monitor) | megabytes), (.size.crun | megabytes), (.size.runc | megabytes)],
["  of which", "apus \(.size.apus | megabytes), apus-vmm \(.size.monitor | megabytes)", "with its own libraries less libc: \(.size.crun_libraries | megabytes) more", "with its own libraries less libc: \(.size.runc_libraries | megabytes) more"],
["guest kernel on disk", (.size.kernel | megabytes), "the host's", "the host's"],
["image on disk", "\(.size.image | megabytes) of ext4 with \(.size.files | megabytes) of files", (.size.files | megabytes), (.size.files | megabytes)]
| @tsv
