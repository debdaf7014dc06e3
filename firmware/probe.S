// The guest behind `apus doctor`: finds out whether a KVM runs kernel mode on the processor or interprets it, and
// whether SYSCALL enters kernel mode, as it must for a Linux guest.
//
// A flat blob, position-dependent, for guest-physical 0x1000. It needs 64 KiB of RAM at 0 and one vCPU that stands in
// long mode at CPL 0 (KVM_SET_SREGS, KVM_SET_REGS):
//
//   page tables   PML4 at 0x8000, PDPT at 0x9000, PD at 0xA000, one 2 MiB page, open to user mode:
//                 [0x8000] = 0x9007, [0x9000] = 0xA007, [0xA000] = 0x87
//   CR3 0x8000    CR0 0x80000031 (PG NE ET PE)   CR4 0x20 (PAE)   EFER 0x501 (LMA LME SCE)
//   CS            selector 0x08, base 0, limit 0xFFFFFFFF, type 11, s 1, dpl 0, present, l 1, db 0, g 1
//   SS DS ES FS GS  selector 0x10, base 0, limit 0xFFFFFFFF, type 3, s 1, dpl 0, present, l 0, db 1, g 1
//   TR            as KVM_GET_SREGS gives it      IDTR  base 0, limit 0: any exception ends in KVM_EXIT_SHUTDOWN
//   RIP 0x1000    RSP 0x7000    RFLAGS 0x2       GDTR and the MSRs for SYSCALL are loaded here
//
// It writes single bytes to the Apus signal port, 0xA50. ROUNDS times, one after the other:
//
//   0x10          nothing lies between this write and the next: their distance is what an exit costs
//   0x11          the loop begins
//   0x12          the loop has ended: LOOP_INSTRUCTIONS instructions at CPL 0 lie between the last two writes
//
// so an instruction takes (t12 - t11 - (t11 - t10)) / LOOP_INSTRUCTIONS, best taken from the shortest intervals. Then:
//
//   0x20 | CPL    what SYSCALL from CPL 3 arrived with: 0x20 on a real processor, 0x23 on a backend that cannot run
//                 Linux. Repeated for ever, so that the vCPU never runs without an exit to come.

    .equ SIGNAL_PORT, 0x0A50
    .equ ROUND_BEGINS, 0x10
    .equ LOOP_BEGINS, 0x11
    .equ LOOP_ENDED, 0x12
    .equ ARRIVED, 0x20
    .equ LOOP_INSTRUCTIONS, 1000
    .equ ROUNDS, 3

    .equ MSR_STAR, 0xC0000081
    .equ MSR_LSTAR, 0xC0000082
    .equ MSR_FMASK, 0xC0000084

    .equ USER_CODE, 0x23
    .equ USER_DATA, 0x1B
    .equ USER_FLAGS, 0x3002         // IOPL 3: OUT works at CPL 3 too, wherever SYSCALL arrives

    .section .start, "ax"
    .code64
    .globl start
start:
    lgdt gdt_register(%rip)

    // SYSCALL: CS 0x08, SS 0x10. SYSRET would take 0x1B and 0x23.
    movl $MSR_STAR, %ecx
    xorl %eax, %eax
    movl $0x00100008, %edx
    wrmsr
    movl $MSR_LSTAR, %ecx
    movl $arrival, %eax
    xorl %edx, %edx
    wrmsr
    // No flag is cleared on arrival, least of all IOPL.
    movl $MSR_FMASK, %ecx
    xorl %eax, %eax
    wrmsr

    movl $SIGNAL_PORT, %edx
    movl $ROUNDS, %ebx
1:  movb $ROUND_BEGINS, %al
    outb %al, %dx
    movb $LOOP_BEGINS, %al
    outb %al, %dx
    movl $(LOOP_INSTRUCTIONS / 2), %ecx
2:  decl %ecx
    jnz 2b
    movb $LOOP_ENDED, %al
    outb %al, %dx
    decl %ebx
    jnz 1b

    pushq $USER_DATA
    pushq $0x7000
    pushq $USER_FLAGS
    pushq $USER_CODE
    pushq $user
    iretq

user:
    syscall

arrival:
    movl %cs, %eax
    andl $3, %eax
    orl $ARRIVED, %eax
    movl $SIGNAL_PORT, %edx
3:  outb %al, %dx
    jmp 3b

    .balign 8
gdt:
    .quad 0
    .quad 0x00AF9B000000FFFF        // 0x08: kernel code, 64-bit
    .quad 0x00CF93000000FFFF        // 0x10: kernel data
    .quad 0x00CFF3000000FFFF        // 0x18: user data
    .quad 0x00AFFB000000FFFF        // 0x20: user code, 64-bit
gdt_end:
gdt_register:
    .word gdt_end - gdt - 1
    .quad gdt
