import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { Icon } from '../../components/icon.tsx';

interface DropZoneProps {
  readonly onFile: (file: File) => void;
  readonly disabled: boolean;
}

/** Takes a file by drag and drop; by keyboard, touch and screen reader it is an ordinary file field. */
export function DropZone({ onFile, disabled }: DropZoneProps): JSX.Element {
  const [over, setOver] = useState(false);
  const take = (files: FileList | null | undefined): void => {
    const [file] = files ?? [];
    if (file !== undefined && !disabled) onFile(file);
  };
  return (
    <label
      class={`drop-zone${over ? ' over' : ''}`}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        take(event.dataTransfer?.files);
      }}
    >
      <Icon name="upload" />
      <span class="drop-title">Drop a file here, or choose one</span>
      <span class="muted small">One file, up to 5 GB: CSV, JSON, XML, Parquet, Avro, Excel, a log; packed or not</span>
      <input
        type="file"
        class="visually-hidden"
        disabled={disabled}
        onChange={({ currentTarget }) => {
          take(currentTarget.files);
          currentTarget.value = '';
        }}
      />
    </label>
  );
}
