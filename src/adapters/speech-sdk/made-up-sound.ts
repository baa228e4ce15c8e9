const SAMPLE_RATE = 16_000;
const HEADER_BYTES = 44;

/** A second of a quiet 440 Hz tone as a WAV file, 16 kHz, mono, 16 bit: sound enough to be recognized as none. */
export function madeUpSound(): Buffer {
  const dataBytes = SAMPLE_RATE * 2;
  const wav = Buffer.alloc(HEADER_BYTES + dataBytes);
  wav.write("RIFF", 0, "latin1");
  wav.writeUInt32LE(HEADER_BYTES - 8 + dataBytes, 4);
  wav.write("WAVEfmt ", 8, "latin1");
  wav.writeUInt32LE(16, 16);
  wav.writeUInt16LE(1, 20);
  wav.writeUInt16LE(1, 22);
  wav.writeUInt32LE(SAMPLE_RATE, 24);
  wav.writeUInt32LE(SAMPLE_RATE * 2, 28);
  wav.writeUInt16LE(2, 32);
  wav.writeUInt16LE(16, 34);
  wav.write("data", 36, "latin1");
  wav.writeUInt32LE(dataBytes, 40);
  for (let i = 0; i < SAMPLE_RATE; i++) {
    wav.writeInt16LE(Math.round(500 * Math.sin((2 * Math.PI * 440 * i) / SAMPLE_RATE)), HEADER_BYTES + i * 2);
  }
  return wav;
}
