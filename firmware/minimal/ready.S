// The smallest guest there is: says that it runs, then asks for power-off. The first port write is what the
// process-start benchmark times, so it stands in the reset vector itself, in 16-bit real mode, and nothing precedes it.

    .code16
    .section .reset, "ax"
    .globl reset_vector
reset_vector:
    movw $0x0A50, %dx           // the Apus signal port
    movb $1, %al                // guest_ready
    outb %al, %dx
    movb $2, %al                // power off
    outb %al, %dx
1:  hlt
    jmp 1b
