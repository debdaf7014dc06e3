// A guest that triple-faults: with an interrupt table of no entries, an exception has no handler, nor has the
// double fault that follows, and the processor shuts down.
//
// It goes to protected mode first and faults by loading a selector past the end of the GDT, because software KVM
// backends interpret this code: one was seen to ignore the table's limit in real mode, and not to know UD2 there.

    .code16
    .section .start, "ax"
enter_protected_mode:
    cli
    lidtl %cs:(empty_table - reset_segment)
    lgdtl %cs:(gdt_register - reset_segment)
    movl $0x00000011, %eax      // CR0: PE, ET
    movl %eax, %cr0
    ljmpl $0x08, $fault

    .code32
fault:
    movw $0x38, %ax
    movw %ax, %ds
1:  hlt
    jmp 1b

    .balign 8
gdt:
    .quad 0
    .quad 0x00CF9B000000FFFF    // 0x08: code, ring 0, 4 GiB, already marked accessed: the ROM cannot be written
gdt_end:
gdt_register:
    .word gdt_end - gdt - 1
    .long gdt
empty_table:
    .word 0
    .long 0

    .equ reset_segment, 0xFFFF0000  // the base of CS until the first far jump

    .code16
    .section .reset, "ax"
    .globl reset_vector
reset_vector:
    jmp enter_protected_mode
