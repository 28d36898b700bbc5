import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Fills a form as a phone would: with JavaRosa, the engine inside ODK Collect.
 *
 * <p>{@code Filler FORM.xml MEDIA_FOLDER COUNT SEED OUT_FOLDER [options]} writes 0001.xml, 0002.xml …
 * exactly as JavaRosa serialises them, and the files that an instance names into 0001/, 0002/ ….
 * Answers are random and valid; the same seed and day give the same bytes. Options:
 *
 * <ul>
 *   <li>{@code --set path=value} always answers so (path below the root, or the last name of it)
 *   <li>{@code --blank P} leaves a question that is not required blank with this probability
 *   <li>{@code --today YYYY-MM-DD} is what today() and now() say
 *   <li>{@code --username NAME} is who is logged in
 *   <li>{@code --rows FILE.tsv} takes the answers from a table instead: the first line names paths,
 *       every further line is one instance; nothing is asked, so nothing need be valid
 * </ul>
 *
 * <p>Without arguments it does task after task: each line of standard input names a file that holds
 * arguments as above, a NUL between two. Each is answered with one line on standard output:
 * {@code done}, or what went wrong, with a NUL for every end of line.
 */
public final class Filler {
    public static void main(String[] args) throws Exception {
        if (args.length > 0) fill(args);
        else serve();
    }

    private static void serve() throws IOException {
        PrintStream answers = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        System.setOut(System.err); // for the engine's own words
        BufferedReader tasks =
                new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        String task;
        while ((task = tasks.readLine()) != null) {
            String answer = "done";
            try {
                fill(Files.readString(Path.of(task)).split("\0", -1));
            } catch (Exception | StackOverflowError failure) {
                StringWriter trace = new StringWriter();
                failure.printStackTrace(new PrintWriter(trace));
                answer = trace.toString().replace("\r", "").replace('\n', '\0');
            }
            answers.println(answer);
        }
    }

    private static void fill(String[] args) throws Exception {
        Options options = new Options(args);
        Phone phone = new Phone(options);
        for (int number = 1; number <= options.count; number++) {
            Sitting sitting = phone.fill(number);
            String name = String.format("%04d", number);
            Files.write(options.out.resolve(name + ".xml"), sitting.finish());
            for (Map.Entry<String, byte[]> file : sitting.files.entrySet()) {
                Path folder = Files.createDirectories(options.out.resolve(name));
                Files.write(folder.resolve(file.getKey()), file.getValue());
            }
        }
    }
}

/** What the command line asked for. */
final class Options {
    final Path form;
    final Path media;
    final Path out;
    final long seed;
    final Map<String, String> sets = new HashMap<>();
    final List<String[]> rows = new ArrayList<>();
    int count;
    double blank = 0.3;
    LocalDate today = LocalDate.now();
    String username = "can_bo";

    Options(String[] args) throws IOException {
        form = Path.of(args[0]);
        media = Path.of(args[1]);
        count = Integer.parseInt(args[2]);
        seed = Long.parseLong(args[3]);
        out = Files.createDirectories(Path.of(args[4]));
        for (int i = 5; i < args.length; i += 2) read(args[i], args[i + 1]);
    }

    private void read(String option, String value) throws IOException {
        switch (option) {
            case "--set":
                int equals = value.indexOf('=');
                sets.put(value.substring(0, equals), value.substring(equals + 1));
                break;
            case "--blank":
                blank = Double.parseDouble(value);
                break;
            case "--today":
                today = LocalDate.parse(value);
                break;
            case "--username":
                username = value;
                break;
            case "--rows":
                for (String line : Files.readAllLines(Path.of(value))) rows.add(line.split("\t", -1));
                count = rows.size() - 1;
                break;
            default:
                throw new IllegalArgumentException("unknown option " + option);
        }
    }

    static Date midnight(LocalDate day) {
        return Date.from(day.atStartOfDay(ZoneId.systemDefault()).toInstant());
    }
}
