// What the processor runs on an exception or interrupt. Exceptions go to Swift and do not return; the interrupts only
// count themselves and tell the local APIC, so no Swift code runs inside an interrupt.

    .equ APIC_END_OF_INTERRUPT, 0xFEE000B0

    .section .text.interrupts, "ax"
    .code64

// One 16-byte entry for each of the 32 exceptions, so that entry n is at exception_entries + 16 n. Each leaves the
// vector and an error code on the stack; the processor pushes the code itself for 8, 10–14, 17, 21, 29 and 30.
    .equ WITH_ERROR_CODE, 0x60227D00

    .balign 16
    .globl exception_entries
exception_entries:
    .set vector, 0
    .rept 32
    .balign 16
    .if !((WITH_ERROR_CODE >> vector) & 1)
    pushq $0
    .endif
    pushq $vector
    jmp report_exception
    .set vector, vector + 1
    .endr

report_exception:
    popq %rdi                   // vector
    popq %rsi                   // error code
    movq (%rsp), %rdx           // RIP
    movq %cr2, %rcx             // the address, if it was a page fault
    andq $-16, %rsp
    call exception_raised
    ud2

.macro count_interrupt name
    .balign 16
    .globl \name\()_entry
\name\()_entry:
    pushq %rax
    incl \name\()_count(%rip)
    movl $APIC_END_OF_INTERRUPT, %eax
    movl $0, (%rax)
    popq %rax
    iretq
.endm

    count_interrupt timer_interrupt
    count_interrupt device_interrupt

    // A spurious interrupt is not acknowledged.
    .balign 16
    .globl spurious_interrupt_entry
spurious_interrupt_entry:
    iretq

    .section .bss.interrupts, "aw", @nobits
    .balign 16
    .globl interrupt_table
interrupt_table:
    .skip 256 * 16
    .globl timer_interrupt_count
timer_interrupt_count:
    .skip 4
    .globl device_interrupt_count
device_interrupt_count:
    .skip 4
