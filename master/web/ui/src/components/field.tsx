// Fields of a form: a label, what is typed or chosen, and a hint or what is wrong below it.
import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";

interface Named {
  label: string;
  hint?: string | null;
  wrong?: string | undefined;
}

interface FieldProps extends Named {
  // Draws the input, with its id and that of what describes it.
  children: (id: string, hintId: string | undefined) => ComponentChildren;
}

export function Field({ label, hint, wrong, children }: FieldProps) {
  const id = useId();
  const hintId = `${id}-hint`;
  const text = wrong ?? hint;
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {children(id, text ? hintId : undefined)}
      {text && (
        <span id={hintId} class={wrong ? "bad" : "hint"}>
          {text}
        </span>
      )}
    </div>
  );
}

interface InputFieldProps extends Named {
  kind?: "text" | "number" | "password";
  // Of a number.
  min?: string;
  step?: string;
  disabled?: boolean;
  value: string;
  onValue: (value: string) => void;
}

export function InputField({
  kind = "text",
  min,
  step,
  disabled,
  value,
  onValue,
  ...named
}: InputFieldProps) {
  return (
    <Field {...named}>
      {(id, hintId) => {
        const common = {
          id,
          "aria-describedby": hintId,
          "aria-invalid": named.wrong !== undefined,
          autocomplete: "off",
          disabled,
          value,
          onInput: (event: { currentTarget: HTMLInputElement }) => onValue(event.currentTarget.value),
        };
        if (kind === "number") return <input type="number" min={min} step={step} {...common} />;
        if (kind === "password") return <input type="password" {...common} />;
        return <input {...common} />;
      }}
    </Field>
  );
}

interface SelectFieldProps extends Named {
  options: { value: string; text: string }[];
  value: string;
  onValue: (value: string) => void;
}

export function SelectField({ options, value, onValue, ...named }: SelectFieldProps) {
  return (
    <Field {...named}>
      {(id, hintId) => (
        <select
          id={id}
          aria-describedby={hintId}
          value={value}
          onChange={(event) => onValue(event.currentTarget.value)}
        >
          {options.map((option) => (
            <option key={option.value} value={option.value}>
              {option.text}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}
