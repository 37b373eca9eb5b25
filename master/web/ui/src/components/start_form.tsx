// The form that starts a load test, or edits the one that runs.
import { useState } from "preact/hooks";
import type { Argument, Form, Run } from "../api";
import { swarm } from "../session";
import { fieldsOf, initialValues, needsCommonOptions, problems, type Values } from "../swarm_form";
import { Field, InputField, SelectField } from "./field";

interface Props {
  form: Form;
  // The test that is edited; null to start one.
  running: Run | null;
  hasWorkers: boolean;
  onDone: () => void;
}

export function StartForm({ form, running, hasWorkers, onDone }: Props) {
  const [values, setValues] = useState<Values>(() => initialValues(form, running));
  const [wrong, setWrong] = useState<ReturnType<typeof problems>>({});
  const [refusal, setRefusal] = useState("");
  const [isSending, setIsSending] = useState(false);
  const isEdit = running !== null;
  const change = (changed: Partial<Values>) => setValues((now) => ({ ...now, ...changed }));
  const send = async (event: Event) => {
    event.preventDefault();
    const found = problems(form, values, isEdit);
    setWrong(found);
    setRefusal("");
    if (Object.keys(found).length > 0) return;
    setIsSending(true);
    try {
      await swarm(fieldsOf(form, values, isEdit));
      onDone();
    } catch (error) {
      setRefusal(error instanceof Error ? error.message : String(error));
    } finally {
      setIsSending(false);
    }
  };
  return (
    <form class="start-form" onSubmit={send} noValidate>
      {!isEdit && form.class_picker && (
        <ClassPicker form={form} values={values} wrong={wrong} change={change} />
      )}
      {!isEdit && form.class_picker && form.shapes.length > 0 && (
        <ShapePicker form={form} values={values} change={change} />
      )}
      <CommonFields form={form} values={values} wrong={wrong} change={change} />
      <InputField
        label="Host"
        hint="e.g. http://www.example.com"
        value={values.host}
        onValue={(host) => change({ host })}
      />
      <AdvancedFields form={form} values={values} wrong={wrong} change={change} />
      {form.arguments.length > 0 && <CustomFields form={form} values={values} change={change} />}
      {refusal !== "" && (
        <p class="banner bad" role="alert">
          {refusal}
        </p>
      )}
      {!hasWorkers && <p class="banner warning">A test can start once at least one worker has connected.</p>}
      <button type="submit" class="primary" disabled={isSending || !hasWorkers}>
        {isEdit ? "Update" : "Start"}
      </button>
    </form>
  );
}

interface PartProps {
  form: Form;
  values: Values;
  wrong?: Partial<Record<keyof Values, string>>;
  change: (changed: Partial<Values>) => void;
}

function CommonFields({ form, values, wrong = {}, change }: PartProps) {
  const isUsed = needsCommonOptions(form, values);
  const hint = isUsed ? null : "The shape decides it.";
  return (
    <div class="field-row">
      <InputField
        label="Number of users (peak concurrency)"
        kind="number"
        min="1"
        step="1"
        hint={hint}
        wrong={wrong.users}
        disabled={!isUsed}
        value={values.users}
        onValue={(users) => change({ users })}
      />
      <InputField
        label="Ramp up (users started/second)"
        kind="number"
        min="0"
        step="any"
        hint={hint}
        wrong={wrong.spawnRate}
        disabled={!isUsed}
        value={values.spawnRate}
        onValue={(spawnRate) => change({ spawnRate })}
      />
    </div>
  );
}

function AdvancedFields({ form, values, wrong = {}, change }: PartProps) {
  return (
    <details open={values.runTime !== "" || values.profile !== "" || wrong.runTime !== undefined}>
      <summary>Advanced options</summary>
      <InputField
        label="Run time"
        hint="e.g. 20, 20s, 3m, 2h, 1h20m, 3h30m10s, etc."
        wrong={wrong.runTime}
        disabled={!needsCommonOptions(form, values)}
        value={values.runTime}
        onValue={(runTime) => change({ runTime })}
      />
      <InputField
        label="Profile"
        hint="A name for runs that belong together"
        value={values.profile}
        onValue={(profile) => change({ profile })}
      />
    </details>
  );
}

function ClassPicker({ form, values, wrong = {}, change }: PartProps) {
  const toggle = (name: string, isChosen: boolean) => {
    const userClasses = new Set(values.userClasses);
    if (isChosen) userClasses.add(name);
    else userClasses.delete(name);
    change({ userClasses });
  };
  const areAllChosen = values.userClasses.size === form.user_classes.length;
  return (
    <fieldset class="class-picker">
      <legend>User Classes</legend>
      <button
        type="button"
        class="link"
        onClick={() =>
          change({ userClasses: new Set(areAllChosen ? [] : form.user_classes.map((each) => each.name)) })
        }
      >
        {areAllChosen ? "Choose none" : "Choose all"}
      </button>
      <div class="choices">
        {form.user_classes.map((each) => (
          <label key={each.name}>
            <input
              type="checkbox"
              checked={values.userClasses.has(each.name)}
              onChange={(event) => toggle(each.name, event.currentTarget.checked)}
            />
            {each.name}
            <span class="hint">
              {each.fixed_count > 0 ? `fixed count ${each.fixed_count}` : `weight ${each.weight}`}
            </span>
          </label>
        ))}
      </div>
      {wrong.userClasses && (
        <p class="bad" role="alert">
          {wrong.userClasses}
        </p>
      )}
    </fieldset>
  );
}

function ShapePicker({ form, values, change }: PartProps) {
  const none = { value: "", text: "Default: users, ramp up and run time" };
  return (
    <SelectField
      label="Shape Class"
      options={[none, ...form.shapes.map((name) => ({ value: name, text: name }))]}
      value={values.shape}
      onValue={(shape) => change({ shape })}
    />
  );
}

function CustomFields({ form, values, change }: PartProps) {
  const set = (name: string, value: string | boolean) =>
    change({ arguments: { ...values.arguments, [name]: value } });
  return (
    <details open>
      <summary>Custom parameters</summary>
      {form.arguments.map((argument) => (
        <CustomField
          key={argument.name}
          argument={argument}
          value={values.arguments[argument.name] ?? ""}
          onChange={(value) => set(argument.name, value)}
        />
      ))}
    </details>
  );
}

interface CustomFieldProps {
  argument: Argument;
  value: string | boolean;
  onChange: (value: string | boolean) => void;
}

function hintOf({ help, choices, secret, multiple }: Argument): string | null {
  if (secret) return `${help ?? "Secret"} (empty: as it is)`;
  if (!multiple) return help;
  const parts = [help, choices && `any of ${choices.join(", ")}`, "with commas between"];
  return parts.filter(Boolean).join("; ");
}

function CustomField({ argument, value, onChange }: CustomFieldProps) {
  const { name: label, choices, secret, multiple, type } = argument;
  const help = hintOf(argument);
  if (choices && !multiple) {
    const unset = choices.includes(argument.default) ? [] : [""];
    const options = [...unset, ...choices].map((choice) => ({ value: choice, text: choice }));
    return (
      <SelectField label={label} hint={help} options={options} value={String(value)} onValue={onChange} />
    );
  }
  if (type === "bool") {
    return (
      <Field label={label} hint={help}>
        {(id, hintId) => (
          <input
            id={id}
            aria-describedby={hintId}
            type="checkbox"
            checked={value === true}
            onChange={(event) => onChange(event.currentTarget.checked)}
          />
        )}
      </Field>
    );
  }
  return (
    <InputField
      label={label}
      hint={help}
      kind={secret ? "password" : type}
      step="any"
      value={String(value)}
      onValue={onChange}
    />
  );
}
