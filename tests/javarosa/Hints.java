import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/** What a form's expressions say about its questions: near which figures and dates answers matter. */
final class Hints {
    private static final Pattern PATH = Pattern.compile("[\\w().]*/[\\w./-]*\\w");
    private static final Pattern QUOTED = Pattern.compile("'[^']*'");
    private static final Pattern DATE = Pattern.compile("'(\\d{4}-\\d{2}-\\d{2})'");
    private static final Pattern FIGURE = Pattern.compile("(?<![\\w.])\\d+(?:\\.\\d+)?(?!\\w)");

    private final Map<String, TreeSet<Double>> figures = new TreeMap<>();
    private final Map<String, TreeSet<LocalDate>> dates = new TreeMap<>();
    private final Map<String, TreeSet<String>> relatives = new TreeMap<>();

    Hints(String xform) throws Exception {
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
        ByteArrayInputStream bytes = new ByteArrayInputStream(xform.getBytes(StandardCharsets.UTF_8));
        NodeList binds = factory.newDocumentBuilder().parse(bytes).getElementsByTagName("bind");
        for (int i = 0; i < binds.getLength(); i++) {
            Element bind = (Element) binds.item(i);
            read(bind.getAttribute("calculate"), "");
            read(bind.getAttribute("relevant"), "");
            read(bind.getAttribute("constraint"), bind.getAttribute("nodeset"));
        }
    }

    /** The figures that stand beside a question in an expression. */
    TreeSet<Double> figures(String name) {
        return figures.getOrDefault(name, new TreeSet<>());
    }

    /** The dates that stand beside a question in an expression. */
    TreeSet<LocalDate> dates(String name) {
        return dates.getOrDefault(name, new TreeSet<>());
    }

    /** The questions that stand beside a question in an expression. */
    TreeSet<String> relatives(String name) {
        return relatives.getOrDefault(name, new TreeSet<>());
    }

    private void read(String expression, String own) {
        TreeSet<String> names = new TreeSet<>();
        if (!own.isEmpty()) names.add(last(own));
        Matcher path = PATH.matcher(expression);
        while (path.find()) names.add(last(path.group()));
        String bare = PATH.matcher(QUOTED.matcher(expression).replaceAll(" ")).replaceAll(" ");
        for (String name : names) {
            relatives.computeIfAbsent(name, key -> new TreeSet<>()).addAll(names);
            Matcher day = DATE.matcher(expression);
            while (day.find())
                dates.computeIfAbsent(name, key -> new TreeSet<>()).add(LocalDate.parse(day.group(1)));
            Matcher figure = FIGURE.matcher(bare);
            while (figure.find())
                figures.computeIfAbsent(name, key -> new TreeSet<>()).add(Double.valueOf(figure.group()));
        }
        for (String name : names) relatives.get(name).remove(name);
    }

    private static String last(String path) {
        return path.substring(path.lastIndexOf('/') + 1);
    }
}
