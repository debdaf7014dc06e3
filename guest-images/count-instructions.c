// A QEMU plugin that counts executed guest instructions by address: at the end it writes one line
// 'ADDRESS COUNT' for every translated block to the file given as out=FILE.
//
// The declarations are those of QEMU's qemu-plugin.h, which Debian does not package for 7.2.
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef uint64_t qemu_plugin_id_t;
struct qemu_plugin_tb;
enum { INLINE_ADD_U64 = 0, PLUGIN_API = 1 };
void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t, void (*)(qemu_plugin_id_t, struct qemu_plugin_tb *));
void qemu_plugin_register_vcpu_tb_exec_inline(struct qemu_plugin_tb *, int operation, void *counter, uint64_t value);
void qemu_plugin_register_atexit_cb(qemu_plugin_id_t, void (*)(qemu_plugin_id_t, void *), void *);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *);
uint64_t qemu_plugin_tb_vaddr(const struct qemu_plugin_tb *);

__attribute__((visibility("default"))) int qemu_plugin_version = PLUGIN_API;

// QEMU keeps pointers to the counters, so blocks are never moved.
struct block {
    struct block *next;
    uint64_t address;
    uint64_t instructions;
};
static struct block *blocks;
static FILE *output;

static void on_translation(qemu_plugin_id_t id, struct qemu_plugin_tb *translated) {
    (void)id;
    struct block *block = calloc(1, sizeof *block);
    if (!block) abort();
    block->next = blocks;
    block->address = qemu_plugin_tb_vaddr(translated);
    blocks = block;
    qemu_plugin_register_vcpu_tb_exec_inline(translated, INLINE_ADD_U64, &block->instructions,
                                             qemu_plugin_tb_n_insns(translated));
}

static void at_exit(qemu_plugin_id_t id, void *unused) {
    (void)id;
    (void)unused;
    for (struct block *block = blocks; block; block = block->next)
        fprintf(output, "%016" PRIx64 " %" PRIu64 "\n", block->address, block->instructions);
    fclose(output);
}

__attribute__((visibility("default"))) int qemu_plugin_install(qemu_plugin_id_t id, const void *info, int argc, char **argv) {
    (void)info;
    if (argc != 1 || strncmp(argv[0], "out=", 4) != 0 || !(output = fopen(argv[0] + 4, "w"))) return 1;
    qemu_plugin_register_vcpu_tb_trans_cb(id, on_translation);
    qemu_plugin_register_atexit_cb(id, at_exit, NULL);
    return 0;
}
