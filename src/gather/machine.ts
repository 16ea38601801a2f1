const MACHINES: Readonly<Record<string, string>> = {
  amd64: 'x86_64',
  x86_64: 'x86_64',
  arm64: 'aarch64',
  aarch64: 'aarch64',
  ppc64el: 'ppc64le',
  ppc64le: 'ppc64le',
  s390x: 's390x',
  riscv64: 'riscv64',
  armmp: 'armv7l',
  i686: 'i686',
  i386: 'i686',
  loongarch64: 'loongarch64',
};

/** The machine (as uname -m prints it) that distributions put at the end of a kernel's release; null when there is none. */
export function machineOf(release: string | null): string | null {
  const words = (release ?? '').split(/[-.+]/).toReversed();
  const word = words.find((part) => part in MACHINES);
  return word === undefined ? null : (MACHINES[word] ?? null);
}
