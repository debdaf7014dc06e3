# `make run` boots the tiny guest, `make test` tests everything; `make help` lists the rest.

SHELL := /bin/bash
SWIFT ?= swift
INSTALL := guest-images/install-packages
LAB := Tests/Lab/lab
OUT := guest-images/out

# What the monitor is compiled against and linked with, and nothing else: musl, the kernel's headers, and Embedded
# Swift's Unicode tables, which lie beside the compiler, whichever one PATH finds.
SYSROOT := $(CURDIR)/.build-embedded/sysroot
TOOLCHAIN := $(shell dirname "$$(dirname "$$(readlink -f "$$(command -v $(SWIFT))")")")
EMBEDDED := APUS_EMBEDDED=1 APUS_SYSROOT=$(SYSROOT) \
	$(SWIFT) build --quiet -c release --sdk $(SYSROOT) --scratch-path .build-embedded

.PHONY: help build sysroot run test unit firmware-test integration bench compare kernel rootfs firmware lint format docs soak clean
.DEFAULT_GOAL := build

help:
	@echo "make build     the command and its monitor, at .build/release/apus"
	@echo "make run       boot the tiny guest here, or in the nested lab"
	@echo "make test      unit tests, the bare-metal guest, integration tests (root: for the lab)"
	@echo "make bench     the budgets of docs/SPECIFICATION.md, measured"
	@echo "make compare   the same root file system as a virtual machine and as a container"
	@echo "make kernel | rootfs | firmware     what guests are made of"
	@echo "make lint | format | docs | soak | clean"

build: sysroot
	$(SWIFT) build --quiet -c release --product apus
	$(EMBEDDED) --product apus-vmm
	@install -m 755 .build-embedded/release/apus-vmm .build/release/apus-vmm

sysroot:
	@$(INSTALL) linux-libc-dev binutils musl-tools
	@mkdir -p $(SYSROOT)/usr $(SYSROOT)/include
	@ln -sfn /usr/include/x86_64-linux-musl $(SYSROOT)/usr/include
	@ln -sfn /usr/lib/x86_64-linux-musl $(SYSROOT)/usr/lib
	@ln -sfn /usr/include/linux $(SYSROOT)/include/linux
	@ln -sfn /usr/include/asm-generic $(SYSROOT)/include/asm-generic
	@ln -sfn /usr/include/x86_64-linux-gnu/asm $(SYSROOT)/include/asm
	@ln -sfn $(TOOLCHAIN)/lib/swift/embedded/x86_64-unknown-linux-gnu $(SYSROOT)/swift

kernel:
	guest-images/build-kernel

rootfs:
	guest-images/build-rootfs

firmware:
	firmware/build

run: build kernel rootfs
	@guest-images/run

test: build kernel rootfs firmware unit firmware-test integration

unit:
	$(SWIFT) build --quiet --build-tests
	@# One at a time: many tests wait for threads of their own, and would hold up the few that Swift Testing has.
	set -o pipefail; $(SWIFT) test --skip-build --no-parallel 2>&1 | grep --line-buffered -av 'started\.$$' | cut -c 1-300

firmware-test:
	Tests/Firmware/check

integration:
	Tests/Integration/run

bench: build kernel rootfs firmware
	Tests/Benchmarks/bench

compare: build kernel rootfs firmware
	Tests/Benchmarks/compare

soak: build kernel rootfs firmware
	@$(INSTALL) busybox-static e2fsprogs jq openssl
	$(LAB) run --memory 2G --timeout 5000 -- Tests/Integration/soak

lint:
	@$(INSTALL) shellcheck
	$(SWIFT) format lint --strict --recursive --parallel Package.swift Sources Tests firmware guest-images
	shellcheck --external-sources --source-path=SCRIPTDIR $$(git ls-files | xargs grep -lE '^#!/usr/bin/env bash')

format:
	$(SWIFT) format --in-place --recursive --parallel Package.swift Sources Tests firmware guest-images

docs:
	$(SWIFT) package --allow-writing-to-directory .build/documentation generate-documentation \
		--target Machine --target Devices --target Virtio --target KVM --target Boot --target GuestMemory --target Host \
		--output-path .build/documentation

clean:
	rm -rf .build .build-embedded $(OUT) firmware/out Tests/Benchmarks/out
