// A guest that asks for a reset the way a PC does: command 0xFE (pulse the reset line) to the i8042.

    .code16
    .section .reset, "ax"
    .globl reset_vector
reset_vector:
    movb $0xFE, %al
    outb %al, $0x64
1:  hlt
    jmp 1b
